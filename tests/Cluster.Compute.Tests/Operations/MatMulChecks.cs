using Cluster.Compute.Devices;
using Cluster.Compute.Reference;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Cpu.Matrices;

namespace Cluster.Compute.Tests.Operations;

/// <summary>What products of devices are held to.</summary>
internal static class MatMulChecks
{
    /// <summary>Rounding in f32, where the activations' codes are exact.</summary>
    public const double RoundingError = 1e-11;

    /// <summary>Codes of int8 for normally distributed blocks of 32.</summary>
    public const double QuantizationError = 6e-5;

    /// <summary>Multiplies matrices side by side and compares with the reference; what is behind the output must stay as it is.</summary>
    public static void AssertError(IDevice device, double bound, float[] input, int tokens, string what, params MatrixSource[] sources)
    {
        var width = sources.Sum(source => source.Rows);
        var expected = new float[tokens * width];
        ReferenceMatMul.Run(sources.Select(ReferenceMatrix.Load).ToArray(), input, tokens, expected);

        const int Guard = 17;
        var before = new float[expected.Length + Guard];
        before.AsSpan().Fill(-12345);
        var matrices = sources.Select(device.LoadMatrix).ToArray();
        using var x = device.Buffer(input);
        using var y = device.Buffer(before);
        device.MatMul(matrices, x, tokens, y);
        var actual = y.ToArray();
        foreach (var matrix in matrices) matrix.Dispose();
        Assert.Equal(-1, actual.AsSpan(expected.Length).IndexOfAnyExcept(-12345f));
        var error = TestTensor.NormalizedError(expected, actual.AsSpan(0, expected.Length));
        Assert.True(error <= bound, $"{what}: normalised mean-square error {error:g3} above {bound:g3}");
    }

    /// <summary>Columns that are worth trying: few, more than work-items that share a row have, and, for plain types, such as eights do not divide.</summary>
    public static int[] ColumnCounts(int block) => block switch
    {
        1 => [1, 8, 130, 172, 512],
        32 => [32, 288, 320],
        _ => [256, 768],
    };
}
