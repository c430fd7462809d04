using Cluster.Compute.Devices;
using Cluster.Compute.Reference;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Values;

namespace Cluster.Compute.Tests.Operations;

/// <summary>What every device's operations by element or by row are held to.</summary>
internal static class ElementwiseChecks
{
    public static void RmsNormMatchesTheReference(IDevice device, int width, int tokens)
    {
        var (input, gain) = (RandomValues.Normal(1, width * tokens, 3), RandomValues.Normal(2, width));
        using var output = device.Allocate(input.Length);
        using var inputBuffer = device.Buffer(input);
        using var gainBuffer = device.Buffer(gain);
        device.RmsNorm(inputBuffer, gainBuffer, 1e-5f, tokens, output);
        Assert.InRange(Difference.Largest(ReferenceElementwise.RmsNorm(input, gain, 1e-5f), output.ToArray()), 0, 2e-6);
    }

    public static void RmsNormWorksInPlaceAndKeepsEpsilon(IDevice device)
    {
        var (input, gain) = (RandomValues.Normal(3, 40, 1e-4f), RandomValues.Normal(4, 40));
        using var buffer = device.Buffer(input);
        using var gainBuffer = device.Buffer(gain);
        device.RmsNorm(buffer, gainBuffer, 1e-3f, 1, buffer);
        Assert.InRange(Difference.NormalizedMeanSquare(ReferenceElementwise.RmsNorm(input, gain, 1e-3f), buffer.ToArray()), 0, 1e-12);
    }

    public static void SwiGluMatchesTheReferenceAndLeavesTheRestOfARow(IDevice device, int width, int tokens, int padding, int offset)
    {
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

    public static void SwiGluSaturatesWithoutOverflow(IDevice device, float gate)
    {
        using var input = device.Buffer([gate, gate / 2, 0.5f, -0.25f]);
        using var output = device.Allocate(2);
        device.SwiGlu(input, 2, 1, output, 2, 0);
        Assert.InRange(Difference.Largest(ReferenceElementwise.SwiGlu([gate, gate / 2, 0.5f, -0.25f], 2), output.ToArray()), 0, 1e-6);
    }

    public static void AddAddsUpPlanes(IDevice device, int count, int planes)
    {
        var (accumulator, addend) = (RandomValues.Normal(7, count + 3), RandomValues.Normal(8, planes * count + 3));
        using var target = device.Buffer(accumulator);
        using var source = device.Buffer(addend);
        device.Add(target, source, planes, count);
        var sum = addend[..count];
        for (var plane = 1; plane < planes; plane++) sum = ReferenceElementwise.Add(sum, addend[(plane * count)..((plane + 1) * count)]);
        var expected = ReferenceElementwise.Add(accumulator[..count], sum).Concat(accumulator[count..]); // past the count nothing changes
        Assert.Equal(expected, target.ToArray());
    }

    public static void GatherRowsTakesRowsInTheOrderAskedFor(IDevice device)
    {
        var input = RandomValues.Normal(9, 7 * 13);
        int[] rows = [6, 0, 3, 3];
        using var source = device.Buffer(input);
        using var target = device.Allocate(rows.Length * 13);
        device.GatherRows(source, 13, rows, target);
        Assert.Equal(ReferenceElementwise.GatherRows(input, 13, rows), target.ToArray());
    }

    public static void ABufferThatIsTooSmallIsRefused(IDevice device)
    {
        using var four = device.Allocate(4);
        using var eight = device.Allocate(8);
        Assert.Throws<ArgumentException>(() => device.Add(four, eight, 1, 5));
        Assert.Throws<ArgumentException>(() => device.RmsNorm(eight, eight, 1e-5f, 1, four));
        Assert.Throws<ArgumentException>(() => device.SwiGlu(eight, 4, 1, eight, 4, 1));
        Assert.Throws<ArgumentException>(() => device.GatherRows(eight, 4, [2], eight));
    }
}
