using System.Diagnostics;
using Cluster.Compute.Devices;
using Cluster.Compute.Steps;
using Cluster.Compute.Tests.Shards;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Operations;

/// <summary>What the times of a device's kernels are held to, over steps of a whole model.</summary>
internal static class TimingChecks
{
    private const int PromptTokens = 21;

    private static readonly KvCacheFormat s_cache = new() { KeyType = TensorType.F16, ValueType = TensorType.F16 };

    /// <summary>A prompt and a token after it: all work of the model is in the kernels' sums, part by part.</summary>
    public static void EveryKernelOfAStepIsTimed(Func<int, IDevice> open)
    {
        using var cluster = new InProcessCluster(RepositoryFiles.SampleModel, 1, 1, s_cache, open: open);
        cluster.TimesKernels = true;
        Check(Prompt, 0);
        Check([577], PromptTokens);

        void Check(int[] tokens, int start)
        {
            var began = Stopwatch.GetTimestamp();
            cluster.Step(tokens, start, (tokens.Length - 1, 1, []));
            var elapsed = Stopwatch.GetElapsedTime(began);
            var kernels = cluster.Kernels.Single();
            var config = cluster.Config;
            var (hidden, heads, layers) = ((long)config.HiddenSize, (long)config.HeadCount * config.HeadDim, (long)config.LayerCount);
            var attended = Enumerable.Range(start + 1, tokens.Length).Sum(context => (long)context);
            Assert.Equal(2 * layers * heads * attended, Products(StepPart.Attention));
            Assert.Equal(
                layers * tokens.Length * hidden * (heads + 2L * config.KvHeadCount * config.HeadDim + 2L * config.FeedForwardSize), Products(StepPart.ColumnProducts));
            Assert.Equal(layers * tokens.Length * hidden * (heads + config.FeedForwardSize), Products(StepPart.RowProducts));
            Assert.Equal(hidden * config.VocabularySize, Products(StepPart.Head));
            Assert.Equal(0, Products(StepPart.Other));

            // Of four to eight bits a weight.
            var weights = layers * hidden * (2 * heads + 2L * config.KvHeadCount * config.HeadDim + 3L * config.FeedForwardSize) + hidden * config.VocabularySize;
            var bytes = kernels.Where(kernel => kernel is { MultiplyAdds: > 0, Part: not StepPart.Attention }).Sum(kernel => kernel.Bytes);
            Assert.InRange(bytes, weights / 2, start == 0 ? long.MaxValue : weights * 9 / 8);
            Assert.Equal(layers, kernels.Single(kernel => kernel.Name.EndsWith("attention", StringComparison.Ordinal)).Launches);
            Assert.All(kernels, kernel => Assert.True(kernel is { Launches: > 0, Nanoseconds: >= 0, Bytes: > 0 }, kernel.ToString()));
            Assert.InRange(kernels.Sum(kernel => kernel.Nanoseconds), 1, (long)elapsed.TotalNanoseconds);
            Assert.Equal(kernels.Length, kernels.Select(kernel => (kernel.Name, kernel.Part)).Distinct().Count());

            long Products(StepPart part) => kernels.Where(kernel => kernel.Part == part).Sum(kernel => kernel.MultiplyAdds);
        }
    }

    /// <summary>To be timed changes neither that step nor the next.</summary>
    public static void TimesAreTakenOnlyWhereTheyAreAskedFor(Func<int, IDevice> open)
    {
        using var cluster = new InProcessCluster(RepositoryFiles.SampleModel, 1, 1, s_cache, open: open);
        var before = cluster.Step(Prompt, 0, (PromptTokens - 1, 5, []))[0];
        Assert.Empty(cluster.Kernels.Single());
        cluster.TimesKernels = true;
        var timed = cluster.Step(Prompt, 0, (PromptTokens - 1, 5, []))[0];
        Assert.NotEmpty(cluster.Kernels.Single());
        cluster.TimesKernels = false;
        var after = cluster.Step(Prompt, 0, (PromptTokens - 1, 5, []))[0];
        Assert.Empty(cluster.Kernels.Single());
        Assert.Equal(before.Candidates, timed.Candidates);
        Assert.Equal(before.Candidates, after.Candidates);
    }

    /// <summary>Ranks that add their partial sums: what is copied for that counts as exchange, and each rank has half of the products.</summary>
    public static void EachRankHasItsOwn(Func<int, IDevice> open)
    {
        using var cluster = new InProcessCluster(RepositoryFiles.SampleModel, 2, 1, s_cache, open: open);
        cluster.TimesKernels = true;
        cluster.Step(Prompt, 0, (PromptTokens - 1, 1, []));
        var config = cluster.Config;
        var products = 0L;
        foreach (var kernels in cluster.Kernels)
        {
            var copies = kernels.Single(kernel => kernel is { Part: StepPart.Exchange, Name: "copy to host" });
            Assert.Equal((2 * config.LayerCount, 2L * config.LayerCount * PromptTokens * config.HiddenSize * sizeof(float)), (copies.Launches, copies.Bytes));
            products += kernels.Where(kernel => kernel.Part == StepPart.RowProducts).Sum(kernel => kernel.MultiplyAdds);
        }

        Assert.Equal((long)config.LayerCount * PromptTokens * config.HiddenSize * (config.HeadCount * config.HeadDim + config.FeedForwardSize), products);
    }

    private static int[] Prompt => [.. Enumerable.Range(0, PromptTokens).Select(i => 300 + i * 37 % 4000)];
}
