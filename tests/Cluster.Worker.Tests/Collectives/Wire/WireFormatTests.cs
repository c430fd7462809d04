using Cluster.Worker.Collectives.Wire;

namespace Cluster.Worker.Tests.Collectives.Wire;

public sealed class WireFormatTests
{
    private static readonly int[] s_lengths = [0, 1, 5, 31, 32, 33, 63, 64, 100, 511, 512, 513, 2048, 4097];

    public static TheoryData<string, double> Formats() => new()
    {
        // Normalised mean-square error that a format may make on values of a normal distribution.
        { "f32", 0 },
        { "f16", 1e-7 },
        { "q8_0", 1e-4 },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void WhatIsEncodedComesBackNearly(string name, double tolerance)
    {
        var format = Find(name);
        foreach (var length in s_lengths)
        {
            var values = Normal(length, length + 1);
            var decoded = Decode(format, Encode(format, values));
            Assert.Equal(length, decoded.Length);
            Assert.InRange(Error(values, decoded), 0, tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void AccumulatingAddsWhatDecodingGives(string name, double tolerance)
    {
        Assert.InRange(tolerance, 0, 1);
        var format = Find(name);
        foreach (var length in s_lengths)
        {
            var bytes = Encode(format, Normal(length, 3));
            var sum = Normal(length, 4);
            var expected = sum.Zip(Decode(format, bytes), (a, b) => a + b).ToArray();
            format.Accumulate(bytes, sum);
            Assert.Equal(expected, sum);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void SlicesAtBlocksCodeLikeTheWhole(string name, double tolerance)
    {
        Assert.InRange(tolerance, 0, 1);
        var format = Find(name);
        var values = Normal(1000, 9);
        var whole = Encode(format, values);
        for (var cut = 0; cut <= 1000; cut += IWireFormat.BlockSize)
            Assert.Equal(whole, Encode(format, values[..cut]).Concat(Encode(format, values[cut..])));
    }

    [Fact]
    public void Q8_0WritesTheSameBytesByVectorsAndOneByOne()
    {
        var format = new Q8_0WireFormat();
        var random = new Random(11);
        for (var i = 0; i < 2000; i++)
        {
            var values = Normal(32, i);
            var scale = MathF.Pow(10, random.Next(-12, 9));
            for (var k = 0; k < values.Length; k++) values[k] *= scale;
            if (i % 50 == 0) values[random.Next(32)] = float.NaN;
            if (i % 70 == 0) values[random.Next(32)] = float.PositiveInfinity;
            if (i % 90 == 0) Array.Clear(values);
            var scalar = new byte[34];
            Q8_0WireFormat.EncodeTail(values, scalar);
            Assert.Equal(scalar, Encode(format, values));
        }
    }

    [Fact]
    public void Q8_0RoundsEachValueToWithinHalfAStep()
    {
        var format = new Q8_0WireFormat();
        var values = Normal(3200, 21);
        var decoded = Decode(format, Encode(format, values));
        for (var block = 0; block < values.Length; block += 32)
        {
            var step = values.Skip(block).Take(32).Max(MathF.Abs) / 127;
            for (var i = block; i < block + 32; i++) Assert.InRange(MathF.Abs(values[i] - decoded[i]), 0, step * 0.505f);
        }
    }

    [Theory]
    [InlineData("f16", 1e30f, 65504f)]
    [InlineData("f16", float.NegativeInfinity, -65504f)]
    [InlineData("q8_0", float.PositiveInfinity, 65504f * 127)]
    public void OutOfRangeValuesBecomeTheLargestFiniteOne(string name, float value, float expected)
    {
        var format = Find(name);
        var decoded = Decode(format, Encode(format, [value, 1f]));
        Assert.Equal(expected, decoded[0]);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void NotANumberStaysOne(string name, double tolerance)
    {
        Assert.InRange(tolerance, 0, 1);
        var format = Find(name);
        var values = Normal(64, 6);
        values[40] = float.NaN;
        Assert.True(float.IsNaN(Decode(format, Encode(format, values))[40]));
        Assert.True(float.IsFinite(Decode(format, Encode(format, values))[0]));
    }

    private static IWireFormat Find(string name) => name switch
    {
        "f32" => new F32WireFormat(),
        "f16" => new F16WireFormat(),
        _ => new Q8_0WireFormat(),
    };

    private static byte[] Encode(IWireFormat format, float[] values)
    {
        var bytes = new byte[format.EncodedLength(values.Length)];
        format.Encode(values, bytes);
        return bytes;
    }

    private static float[] Decode(IWireFormat format, byte[] bytes)
    {
        var count = 0;
        while (format.EncodedLength(count) < bytes.Length) count++;
        var values = new float[count];
        format.Decode(bytes, values);
        return values;
    }

    private static float[] Normal(int length, int seed)
    {
        var random = new Random(seed);
        var values = new float[length];
        for (var i = 0; i < length; i++)
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return values;
    }

    private static double Error(float[] values, float[] decoded)
    {
        double error = 0;
        double energy = 1e-30;
        for (var i = 0; i < values.Length; i++)
        {
            error += Math.Pow(values[i] - decoded[i], 2);
            energy += Math.Pow(values[i], 2);
        }

        return error / energy;
    }
}
