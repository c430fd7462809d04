using Cluster.Compute.Devices;
using Cluster.Compute.Tests.Shards;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Operations;

/// <summary>What whole models on a device, alone and beside the CPU, are held to. Each rank's device is opened by its number.</summary>
internal static class ModelChecks
{
    public const string Stories = "models/stories260K.gguf";
    public const string GoldenStories = "golden/stories260K.json";

    private static readonly KvCacheFormat s_plain = new() { KeyType = TensorType.F32, ValueType = TensorType.F32 };

    public static void TheSampleModelSaysWhatItSaysOnTheCpu(Func<int, IDevice> open, int tensorParallel, int pipeline)
    {
        // "Once upon a time there was a little girl", after BOS.
        int[] prompt = [0, 4299, 674, 261, 577, 474, 326, 261, 610, 1032];
        using var expected = new InProcessCluster(RepositoryFiles.SampleModel, 1, 1, s_plain);
        using var actual = new InProcessCluster(RepositoryFiles.SampleModel, tensorParallel, pipeline, s_plain, open: open);
        // Sums in another order tip an activation's code over now and then; some tokens later that is another story.
        Assert.Equal(expected.Greedy(prompt, 12), actual.Greedy(prompt, 12));
        var row = (prompt.Length - 1, 5, Array.Empty<int>());
        var (one, other) = (expected.Step(prompt, 0, row)[0], actual.Step(prompt, 0, row)[0]);
        for (var i = 0; i < 5; i++) Assert.Equal(one.Candidates[i].Logit, other.Candidates[i].Logit, 0.2f);
    }

    public static void AQuantizedCacheStaysNear(Func<int, IDevice> open, TensorType keys, TensorType values)
    {
        int[] prompt = [.. Enumerable.Range(0, 60).Select(i => 300 + i * 37 % 4000)];
        using var expected = new InProcessCluster(RepositoryFiles.SampleModel, 1, 1, s_plain, open: open);
        using var actual = new InProcessCluster(
            RepositoryFiles.SampleModel, 1, 1, new KvCacheFormat { KeyType = keys, ValueType = values }, open: open);
        var rows = Enumerable.Range(0, prompt.Length - 1).Select(i => (i, 0, new[] { prompt[i + 1] })).ToArray();
        Assert.Equal(MeanLoss(expected), MeanLoss(actual), 0.05);

        double MeanLoss(InProcessCluster cluster) =>
            cluster.Step(prompt, 0, rows).Select((row, i) => row.LogSumExp - row.Requested[prompt[i + 1]]).Average();
    }

    public static void GoldenTokensOfAModelWithHeadsOf8(Func<int, IDevice> open, int tensorParallel, int pipeline, TensorType cacheType)
    {
        using var cluster = new InProcessCluster(
            RepositoryFiles.Shared(Stories), tensorParallel, pipeline, new KvCacheFormat { KeyType = cacheType, ValueType = cacheType }, open: open);
        var golden = GoldenPrompt.Stories260K();
        Assert.Equal(golden.GreedyTokens, cluster.Greedy(golden.PromptTokens, golden.GreedyTokens.Length));
    }
}
