using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Shards;

/// <summary>The shipped sample, whose Q4_K and Q6_K weights make every cut fall inside weight blocks.</summary>
public sealed class SampleModelTests
{
    // "Once upon a time there was a little girl", after BOS.
    private static readonly int[] Prompt = [0, 4299, 674, 261, 577, 474, 326, 261, 610, 1032];

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(5, 1)]
    [InlineData(7, 1)]
    [InlineData(8, 1)]
    [InlineData(2, 1, 70d, 30d)]
    [InlineData(5, 1, 6d, 1d, 1d, 1d, 1d)]
    [InlineData(1, 8)]
    [InlineData(2, 2)]
    public void Every_split_computes_the_same_logits_to_the_bit(int tensorParallel, int pipeline, params double[] shares)
    {
        using var whole = new InProcessCluster(RepositoryFiles.SampleModel, 1, 1, new KvCacheFormat(), threads: 2);
        using var split = new InProcessCluster(RepositoryFiles.SampleModel, tensorParallel, pipeline, new KvCacheFormat(), shares: shares);
        var row = (Prompt.Length - 1, 10, Array.Empty<int>());
        var expected = whole.Step(Prompt, 0, row)[0];
        var actual = split.Step(Prompt, 0, row)[0];
        Assert.Equal(expected.Candidates[..10], actual.Candidates[..10]);
    }

    [Theory]
    [InlineData(TensorType.Q8_0, TensorType.IQ4_NL)]
    [InlineData(TensorType.Q4_0, TensorType.Q4_0)]
    [InlineData(TensorType.F16, TensorType.F16)]
    public void A_text_gives_the_same_logits_to_the_bit_in_chunks_of_any_size(TensorType keys, TensorType values)
    {
        int[] text = [.. Enumerable.Range(0, 300).Select(i => (i * 7919 % 7000) + 300)];
        using var cluster = new InProcessCluster(RepositoryFiles.SampleModel, 1, 1, new KvCacheFormat { KeyType = keys, ValueType = values }, threads: 2);
        var whole = Logits(300, []);
        Assert.NotEqual(whole[0], whole[1]);
        foreach (var chunk in new[] { 1, 7, 32 }) Assert.Equal(whole, Logits(chunk, []));
        Assert.Equal(whole, Logits(45, text[100..141]));

        // For each token of the text the sum of all logits' exponentials, and the best of them.
        (double LogSumExp, int Id, float Logit)[] Logits(int chunk, int[] beside)
        {
            var rows = new List<MergedLogits>();
            for (var start = 0; start < text.Length; start += chunk)
            {
                var count = Math.Min(chunk, text.Length - start);
                rows.AddRange(cluster.StepBeside(
                    beside, text.AsSpan(start, count), start, [.. Enumerable.Range(0, count).Select(i => (i, 1, Array.Empty<int>()))]));
            }

            return [.. rows.Select(row => (row.LogSumExp, row.Candidates[0].Id, row.Candidates[0].Logit))];
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Quantized_cache_takes_at_most_0_407_of_f16(int tensorParallel)
    {
        using var quantized = new InProcessCluster(RepositoryFiles.SampleModel, tensorParallel, 1, new KvCacheFormat());
        using var half = new InProcessCluster(RepositoryFiles.SampleModel, tensorParallel, 1, new KvCacheFormat { KeyType = TensorType.F16, ValueType = TensorType.F16 });
        Assert.True(quantized.KvBytesPerToken <= 0.407 * half.KvBytesPerToken);
    }

    [Fact]
    public void Decode_allocates_nothing_once_warm()
    {
        using var cluster = new InProcessCluster(RepositoryFiles.SampleModel, 2, 1, new KvCacheFormat(), threads: 2);
        cluster.Greedy(Prompt, 40);

        // Once in a while the runtime allocates for a thread that waits, on a path that it takes for the first time; a step's own
        // allocations are in every step.
        var steps = Enumerable.Range(40, 8).Select(position =>
        {
            cluster.Step([300 + position], position, (0, 1, []));
            return cluster.AllocatedInLastStep.Max();
        });
        Assert.True(steps.Count(bytes => bytes == 0) >= 6);
    }
}
