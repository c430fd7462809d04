using Cluster.Compute.Reference;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Values;

namespace Cluster.Compute.Tests.OpenCl;

[Collection(OpenClGroup.Name)]
public class OpenClElementwiseTests(OpenClTestDevice opencl)
{
    [OpenClTheory]
    [InlineData(1, 1)]
    [InlineData(64, 3)]
    [InlineData(2051, 17)]
    [InlineData(20_480, 2)]
    public void RmsNorm_matches_the_reference(int width, int tokens)
    {
        var (input, gain) = (RandomValues.Normal(1, width * tokens, 3), RandomValues.Normal(2, width));
        using var output = opencl.Device.Allocate(input.Length);
        using var inputBuffer = opencl.Device.Buffer(input);
        using var gainBuffer = opencl.Device.Buffer(gain);
        opencl.Device.RmsNorm(inputBuffer, gainBuffer, 1e-5f, tokens, output);
        Assert.InRange(Difference.Largest(ReferenceElementwise.RmsNorm(input, gain, 1e-5f), output.ToArray()), 0, 2e-6);
    }

    [OpenClFact]
    public void RmsNorm_works_in_place_and_keeps_epsilon()
    {
        var (input, gain) = (RandomValues.Normal(3, 40, 1e-4f), RandomValues.Normal(4, 40));
        using var buffer = opencl.Device.Buffer(input);
        using var gainBuffer = opencl.Device.Buffer(gain);
        opencl.Device.RmsNorm(buffer, gainBuffer, 1e-3f, 1, buffer);
        Assert.InRange(Difference.NormalizedMeanSquare(ReferenceElementwise.RmsNorm(input, gain, 1e-3f), buffer.ToArray()), 0, 1e-12);
    }

    [OpenClTheory]
    [InlineData(1, 1, 0, 0)]
    [InlineData(1027, 9, 32, 5)]
    [InlineData(512, 40, 0, 0)]
    public void SwiGlu_matches_the_reference_and_leaves_the_rest_of_a_row(int width, int tokens, int padding, int offset)
    {
        var gateUp = RandomValues.Normal(5, 2 * width * tokens, 6);
        var outputWidth = width + padding;
        var before = RandomValues.Normal(6, outputWidth * tokens + 1)[..^1];
        using var input = opencl.Device.Buffer(gateUp);
        using var output = opencl.Device.Buffer(before);
        opencl.Device.SwiGlu(input, width, tokens, output, outputWidth, offset);

        var product = ReferenceElementwise.SwiGlu(gateUp, width);
        var expected = (float[])before.Clone();
        for (var t = 0; t < tokens; t++) product.AsSpan(t * width, width).CopyTo(expected.AsSpan(t * outputWidth + offset));
        Assert.InRange(Difference.Largest(expected, output.ToArray()), 0, 3e-6);
    }

    [OpenClTheory]
    [InlineData(-200f)]
    [InlineData(-1e30f)]
    [InlineData(1e30f)]
    public void SwiGlu_saturates_without_overflow(float gate)
    {
        using var input = opencl.Device.Buffer([gate, gate / 2, 0.5f, -0.25f]);
        using var output = opencl.Device.Allocate(2);
        opencl.Device.SwiGlu(input, 2, 1, output, 2, 0);
        Assert.InRange(Difference.Largest(ReferenceElementwise.SwiGlu([gate, gate / 2, 0.5f, -0.25f], 2), output.ToArray()), 0, 1e-6);
    }

    [OpenClTheory]
    [InlineData(1, 1)]
    [InlineData(70_001, 1)]
    [InlineData(1003, 3)]
    public void Add_adds_up_planes(int count, int planes)
    {
        var (accumulator, addend) = (RandomValues.Normal(7, count + 3), RandomValues.Normal(8, planes * count + 3));
        using var target = opencl.Device.Buffer(accumulator);
        using var source = opencl.Device.Buffer(addend);
        opencl.Device.Add(target, source, planes, count);
        var sum = addend[..count];
        for (var plane = 1; plane < planes; plane++) sum = ReferenceElementwise.Add(sum, addend[(plane * count)..((plane + 1) * count)]);
        var expected = ReferenceElementwise.Add(accumulator[..count], sum).Concat(accumulator[count..]); // past the count nothing changes
        Assert.Equal(expected, target.ToArray());
    }

    [OpenClFact]
    public void GatherRows_takes_rows_in_the_order_asked_for()
    {
        var input = RandomValues.Normal(9, 7 * 13);
        int[] rows = [6, 0, 3, 3];
        using var source = opencl.Device.Buffer(input);
        using var target = opencl.Device.Allocate(rows.Length * 13);
        opencl.Device.GatherRows(source, 13, rows, target);
        Assert.Equal(ReferenceElementwise.GatherRows(input, 13, rows), target.ToArray());
    }

    [OpenClFact]
    public void A_buffer_that_is_too_small_is_refused()
    {
        using var four = opencl.Device.Allocate(4);
        using var eight = opencl.Device.Allocate(8);
        Assert.Throws<ArgumentException>(() => opencl.Device.Add(four, eight, 1, 5));
        Assert.Throws<ArgumentException>(() => opencl.Device.RmsNorm(eight, eight, 1e-5f, 1, four));
        Assert.Throws<ArgumentException>(() => opencl.Device.SwiGlu(eight, 4, 1, eight, 4, 1));
        Assert.Throws<ArgumentException>(() => opencl.Device.GatherRows(eight, 4, [2], eight));
    }
}
