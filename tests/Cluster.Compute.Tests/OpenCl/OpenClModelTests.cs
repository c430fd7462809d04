using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Shards;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.OpenCl;

/// <summary>Whole models on the device, alone and beside the CPU.</summary>
[Collection(OpenClGroup.Name)]
public class OpenClModelTests
{
    private const string Stories = "models/stories260K.gguf";

    private static readonly KvCacheFormat s_plain = new() { KeyType = TensorType.F32, ValueType = TensorType.F32 };

    [OpenClTheory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1, 1)]
    public void The_sample_model_says_what_it_says_on_the_CPU(int tensorParallel, int pipeline, int openClRanks)
    {
        // "Once upon a time there was a little girl", after BOS.
        int[] prompt = [0, 4299, 674, 261, 577, 474, 326, 261, 610, 1032];
        using var expected = new InProcessCluster(RepositoryFiles.SampleModel, 1, 1, s_plain);
        using var actual = Cluster(RepositoryFiles.SampleModel, tensorParallel, pipeline, s_plain, openClRanks);
        // Sums in another order tip an activation's code over now and then; some tokens later that is another story.
        Assert.Equal(expected.Greedy(prompt, 12), actual.Greedy(prompt, 12));
        var row = (prompt.Length - 1, 5, Array.Empty<int>());
        var (one, other) = (expected.Step(prompt, 0, row)[0], actual.Step(prompt, 0, row)[0]);
        for (var i = 0; i < 5; i++) Assert.Equal(one.Candidates[i].Logit, other.Candidates[i].Logit, 0.2f);
    }

    [OpenClFact]
    public void A_quantized_cache_stays_near()
    {
        int[] prompt = [.. Enumerable.Range(0, 60).Select(i => 300 + i * 37 % 4000)];
        using var expected = new InProcessCluster(RepositoryFiles.SampleModel, 1, 1, s_plain);
        using var actual = Cluster(
            RepositoryFiles.SampleModel, 1, 1, new KvCacheFormat { KeyType = TensorType.Q8_0, ValueType = TensorType.IQ4_NL }, 1);
        var rows = Enumerable.Range(0, prompt.Length - 1).Select(i => (i, 0, new[] { prompt[i + 1] })).ToArray();
        Assert.Equal(MeanLoss(expected), MeanLoss(actual), 0.05);

        double MeanLoss(InProcessCluster cluster) =>
            cluster.Step(prompt, 0, rows).Select((row, i) => row.LogSumExp - row.Requested[prompt[i + 1]]).Average();
    }

    [OpenClTheory(Stories, "golden/stories260K.json")]
    [InlineData(1, 1, 1, TensorType.F32)]
    [InlineData(2, 1, 1, TensorType.F32)]
    [InlineData(1, 2, 1, TensorType.F16)]
    public void Golden_tokens_of_a_model_with_heads_of_8(int tensorParallel, int pipeline, int openClRanks, TensorType cacheType)
    {
        using var cluster = Cluster(
            RepositoryFiles.Shared(Stories), tensorParallel, pipeline, new KvCacheFormat { KeyType = cacheType, ValueType = cacheType }, openClRanks);
        var golden = GoldenPrompt.Stories260K();
        Assert.Equal(golden.GreedyTokens, cluster.Greedy(golden.PromptTokens, golden.GreedyTokens.Length));
    }

    /// <summary>The first ranks on OpenCL, the others on the CPU.</summary>
    private static InProcessCluster Cluster(string model, int tensorParallel, int pipeline, KvCacheFormat format, int openClRanks) =>
        new(model, tensorParallel, pipeline, format, open: rank => rank < openClRanks ? OpenClTestDevice.Open() : TestDevices.Open(1));
}
