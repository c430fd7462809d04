using Cluster.Compute.Cpu.Cache;
using Cluster.Compute.Tests.Values;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.Cpu.Cache;

public class Q8_0QuantizerTests
{
    [Theory]
    [InlineData(1e-6f)]
    [InlineData(1f)]
    [InlineData(60_000f)]
    [InlineData(1e12f)] // a scale beyond f16
    public void Blocks_are_those_of_the_reference_codec(float deviation) =>
        AssertSame(RandomValues.Normal(53, 32 * 200, deviation));

    [Fact]
    public void Halves_zeros_and_what_is_no_number_round_alike()
    {
        // Scale 1: codes are the elements themselves, halves of either sign among them.
        float[] halves = [.. Enumerable.Range(0, 32).Select(i => (i - 16) * 4.5f)];
        halves[7] = 127;
        AssertSame([.. halves, .. new float[32], .. halves.Select(x => -x), .. halves.Select(x => MathF.BitDecrement(x))]);
        halves[20] = float.NaN;
        AssertSame(halves);
    }

    private static void AssertSame(float[] row)
    {
        var trait = TensorTraits.Get(TensorType.Q8_0);
        var (expected, actual) = (new byte[trait.BytesFor(row.Length)], new byte[trait.BytesFor(row.Length)]);
        trait.Quantize(row, expected);
        Q8_0Quantizer.Quantize(row, actual);
        Assert.Equal(expected, actual);
    }
}
