using Cluster.Compute.Steps;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.Shards;

/// <summary>Hidden states as embeddings take them, of the shipped sample.</summary>
public sealed class PooledHiddenStatesTests
{
    // "Once upon a time there was a little girl", after BOS.
    private static readonly int[] s_text = [0, 4299, 674, 261, 577, 474, 326, 261, 610, 1032];

    private static readonly KvCacheFormat s_exact = new() { KeyType = TensorType.F32, ValueType = TensorType.F32 };

    [Fact]
    public void Sums_are_those_of_a_plain_computation_in_f64()
    {
        using var cluster = new InProcessCluster(RepositoryFiles.SampleModel, 1, 1, s_exact, threads: 2);
        var states = PlainTransformer.HiddenStates(RepositoryFiles.SampleModel, s_text);

        var sums = cluster.Pool(s_text, 0, new PooledRange(0, 4), new PooledRange(5, 1), new PooledRange(6, 4));

        var width = cluster.Config.HiddenSize;
        Assert.Equal(3 * width, sums.Length);
        foreach (var (index, range) in new[] { 0..4, 5..6, 6..10 }.Index())
        {
            var expected = Enumerable.Range(0, width).Select(i => states[range].Sum(state => state[i])).ToArray();

            // The device multiplies with activations of 8 bits.
            Assert.InRange(Cosine(expected, sums[(index * width)..((index + 1) * width)]), 0.999, 1.000001);
        }

        Assert.InRange(Cosine(sums[..width], sums[width..(2 * width)]), -1, 0.99);
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(1, 4)]
    [InlineData(2, 2)]
    public void Every_split_sums_the_same_to_the_bit(int tensorParallel, int pipeline)
    {
        using var whole = new InProcessCluster(RepositoryFiles.SampleModel, 1, 1, new KvCacheFormat(), threads: 2);
        using var split = new InProcessCluster(RepositoryFiles.SampleModel, tensorParallel, pipeline, new KvCacheFormat());
        var expected = whole.Pool(s_text, 0, new PooledRange(0, s_text.Length));

        Assert.Equal(expected, split.Pool(s_text, 0, new PooledRange(0, s_text.Length)));

        // The parts of a text, one after the other, add up to the same.
        var parts = split.Pool(s_text.AsSpan(0, 7), 0, new PooledRange(0, 7)).Zip(split.Pool(s_text.AsSpan(7), 7, new PooledRange(0, 3)), (a, b) => (float)(a + b));
        Assert.Equal(expected.Select(element => (float)element), parts);
    }

    private static double Cosine(double[] a, double[] b) =>
        a.Zip(b, (x, y) => x * y).Sum() / Math.Sqrt(a.Sum(x => x * x) * b.Sum(x => x * x));
}
