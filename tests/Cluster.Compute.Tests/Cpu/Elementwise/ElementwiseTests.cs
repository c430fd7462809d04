using Cluster.Compute.Reference;
using Cluster.Compute.Tests.Values;

namespace Cluster.Compute.Tests.Cpu.Elementwise;

public class ElementwiseTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(64, 3, 1)]
    [InlineData(2048, 20, 2)]
    [InlineData(2051, 17, 3)]
    [InlineData(13, 2, 2)]
    public void RmsNorm_matches_the_reference(int width, int tokens, int threads)
    {
        using var device = TestDevices.Open(threads);
        var (input, gain) = (RandomValues.Normal(1, width * tokens, 3), RandomValues.Normal(2, width));
        using var output = device.Allocate(input.Length);
        using var inputBuffer = device.Buffer(input);
        using var gainBuffer = device.Buffer(gain);
        device.RmsNorm(inputBuffer, gainBuffer, 1e-5f, tokens, output);
        Assert.InRange(Difference.Largest(ReferenceElementwise.RmsNorm(input, gain, 1e-5f), output.ToArray()), 0, 2e-6);
    }

    [Fact]
    public void RmsNorm_works_in_place_and_keeps_epsilon()
    {
        using var device = TestDevices.Open(1);
        var (input, gain) = (RandomValues.Normal(3, 40, 1e-4f), RandomValues.Normal(4, 40));
        using var buffer = device.Buffer(input);
        using var gainBuffer = device.Buffer(gain);
        device.RmsNorm(buffer, gainBuffer, 1e-3f, 1, buffer);
        Assert.InRange(Difference.NormalizedMeanSquare(ReferenceElementwise.RmsNorm(input, gain, 1e-3f), buffer.ToArray()), 0, 1e-12);
    }

    [Theory]
    [InlineData(1, 1, 1, 0, 0)]
    [InlineData(96, 2, 1, 0, 0)]
    [InlineData(1027, 9, 2, 32, 5)]
    [InlineData(5632, 3, 3, 0, 0)]
    public void SwiGlu_matches_the_reference_and_leaves_the_rest_of_a_row(int width, int tokens, int threads, int padding, int offset)
    {
        using var device = TestDevices.Open(threads);
        var gateUp = RandomValues.Normal(5, 2 * width * tokens, 6);
        var outputWidth = width + padding;
        var before = RandomValues.Normal(6, outputWidth * tokens + 1)[..^1];
        using var input = device.Buffer(gateUp);
        using var output = device.Buffer(before);
        device.SwiGlu(input, width, tokens, output, outputWidth, offset);

        var product = ReferenceElementwise.SwiGlu(gateUp, width);
        var expected = (float[])before.Clone();
        for (var t = 0; t < tokens; t++) product.AsSpan(t * width, width).CopyTo(expected.AsSpan(t * outputWidth + offset));
        Assert.InRange(Difference.Largest(expected, output.ToArray()), 0, 3e-6);
    }

    [Theory]
    [InlineData(-200f)]
    [InlineData(-88f)]
    [InlineData(-1e30f)]
    [InlineData(200f)]
    [InlineData(1e30f)]
    public void SwiGlu_saturates_without_overflow(float gate)
    {
        using var device = TestDevices.Open(1);
        using var input = device.Buffer([gate, gate / 2, 0.5f, -0.25f]);
        using var output = device.Allocate(2);
        device.SwiGlu(input, 2, 1, output, 2, 0);
        Assert.InRange(Difference.Largest(ReferenceElementwise.SwiGlu([gate, gate / 2, 0.5f, -0.25f], 2), output.ToArray()), 0, 1e-6);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1003, 1)]
    [InlineData(70_001, 3)]
    public void Add_matches_the_reference(int count, int threads)
    {
        using var device = TestDevices.Open(threads);
        var (accumulator, addend) = (RandomValues.Normal(7, count + 3), RandomValues.Normal(8, count + 3));
        using var target = device.Buffer(accumulator);
        using var source = device.Buffer(addend);
        device.Add(target, source, 1, count);
        var expected = ReferenceElementwise.Add(accumulator, addend);
        accumulator.AsSpan(count).CopyTo(expected.AsSpan(count)); // past the count nothing changes
        Assert.Equal(expected, target.ToArray());
    }

    [Fact]
    public void GatherRows_takes_rows_in_the_order_asked_for()
    {
        using var device = TestDevices.Open(2);
        var input = RandomValues.Normal(9, 7 * 13);
        int[] rows = [6, 0, 3, 3];
        using var source = device.Buffer(input);
        using var target = device.Allocate(rows.Length * 13);
        device.GatherRows(source, 13, rows, target);
        Assert.Equal(ReferenceElementwise.GatherRows(input, 13, rows), target.ToArray());
    }

    [Fact]
    public void A_buffer_that_is_too_small_is_refused()
    {
        using var device = TestDevices.Open(1);
        using var four = device.Allocate(4);
        using var eight = device.Allocate(8);
        Assert.Throws<ArgumentException>(() => device.Add(four, eight, 1, 5));
        Assert.Throws<ArgumentException>(() => device.RmsNorm(eight, eight, 1e-5f, 1, four));
        Assert.Throws<ArgumentException>(() => device.SwiGlu(eight, 4, 1, eight, 4, 1));
        Assert.Throws<ArgumentException>(() => device.GatherRows(eight, 4, [2], eight));
    }
}
