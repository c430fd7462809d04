using System.Collections.Concurrent;
using Cluster.Compute.Devices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.Cpu.Matrices;

/// <summary>Random tensors and activations.</summary>
internal static class TestTensor
{
    // Tests over token counts meet the same tensors again and again, and encoding is most of their time.
    private static readonly ConcurrentDictionary<(TensorType, int, int, int, bool), MatrixSource> s_normal = new();

    /// <summary>A tensor of normally distributed values.</summary>
    public static MatrixSource Normal(TensorType type, int rows, int columns, int seed, bool bias = false) =>
        s_normal.GetOrAdd((type, rows, columns, seed, bias), static key =>
        {
            var (type, rows, columns, seed, bias) = key;
            var random = new Random(seed);
            return Encode(type, rows, columns, () => Normal(random), bias ? random : null);
        });

    /// <summary>A tensor whose values are all as large as they get, of random sign: levels at both ends of their range.</summary>
    public static MatrixSource Extreme(TensorType type, int rows, int columns, int seed)
    {
        var random = new Random(seed);
        return Encode(type, rows, columns, () => random.Next(2) == 0 ? -1f : 1f, null);
    }

    /// <summary>A tensor whose rows, and blocks within a row, have sizes from <paramref name="largest"/> down to 1e-9 of it.</summary>
    public static MatrixSource Fading(TensorType type, int rows, int columns, int seed, float largest)
    {
        var random = new Random(seed);
        var next = 0;
        return Encode(type, rows, columns, () => Normal(random) * largest * MathF.Pow(10, -(next / columns % 8) - next++ / 256 % 2), null);
    }

    /// <summary>Activations of normal distribution, their sizes growing over the tokens.</summary>
    public static float[] Activations(int tokens, int columns, int seed)
    {
        var random = new Random(seed);
        var values = new float[tokens * columns];
        for (var i = 0; i < values.Length; i++) values[i] = Normal(random) * (1 + i / columns);
        return values;
    }

    /// <summary>Activations that int8 codes of 32 columns hold exactly: integers up to 127, which each block reaches, times a power of two.</summary>
    public static float[] ExactActivations(int tokens, int columns, int seed, bool extreme = false)
    {
        var random = new Random(seed);
        var values = new float[tokens * columns];
        for (var i = 0; i < values.Length; i++)
        {
            var largest = extreme || i % 32 == 7;
            var code = largest ? (random.Next(2) == 0 ? -127 : 127) : random.Next(-127, 128);
            values[i] = MathF.ScaleB(code, -5 - i / 32 % 3);
        }

        return values;
    }

    /// <summary>Σ(actual - expected)² / Σ expected².</summary>
    public static double NormalizedError(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        double error = 0, power = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = (double)actual[i] - expected[i];
            error += difference * difference;
            power += (double)expected[i] * expected[i];
        }

        Assert.True(power > 0, "the expected values are all zero");
        return error / power;
    }

    private static MatrixSource Encode(TensorType type, int rows, int columns, Func<float> next, Random? bias)
    {
        var trait = TensorTraits.Get(type);
        var values = new float[rows * columns];
        for (var i = 0; i < values.Length; i++) values[i] = next();
        var data = new byte[trait.BytesFor(values.Length)];
        trait.Quantize(values, data);
        var biases = new float[bias is null ? 0 : rows];
        for (var i = 0; i < biases.Length; i++) biases[i] = 3 * Normal(bias!);
        return new MatrixSource
        {
            Name = $"{type} {rows} x {columns}",
            Type = type,
            SourceColumns = columns,
            RowStart = 0,
            Rows = rows,
            ColumnStart = 0,
            Columns = columns,
            Reader = new ArrayWeightReader(data),
            Bias = biases,
        };
    }

    private static float Normal(Random random)
    {
        var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
        return (float)(radius * Math.Cos(2 * Math.PI * random.NextDouble()));
    }
}
