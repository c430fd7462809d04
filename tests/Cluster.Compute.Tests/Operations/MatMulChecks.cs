using Cluster.Compute.Devices;
using Cluster.Compute.Reference;
using Cluster.Compute.Tests.Cpu;
using Cluster.Compute.Tests.Cpu.Matrices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.Operations;

/// <summary>What products of devices are held to.</summary>
internal static class MatMulChecks
{
    /// <summary>What rounding in f32, in any order, may cost where the activations' codes are exact; more where few outputs cancel out.</summary>
    public const double RoundingError = 1e-11;

    /// <summary>Codes of int8 for normally distributed blocks of 32: steps of about 2.2 σ / 127, so 2.5e-5 of the power.</summary>
    public const double QuantizationError = 6e-5;

    /// <summary>Each number of columns with each of rows, with biases for odd ones, from activations whose codes are exact.</summary>
    public static void AgreesWithTheReferenceToRounding(
        IDevice device, TensorType type, int tokens, int[] columnCounts, int[] rowCounts, double bound = RoundingError)
    {
        foreach (var columns in columnCounts)
        {
            var input = TestTensor.ExactActivations(tokens, columns, seed: columns + tokens);
            foreach (var rows in rowCounts)
                AssertError(device, bound, input, tokens, $"{rows} x {columns}", TestTensor.Normal(type, rows, columns, seed: rows, bias: rows % 2 == 1));
        }
    }

    public static void StaysWithinTheErrorOfInt8Activations(IDevice device, TensorType type, int tokens)
    {
        var input = TestTensor.Activations(tokens, 512, seed: tokens);
        AssertError(device, QuantizationError, input, tokens, "", TestTensor.Normal(type, 50, 512, seed: 3));
    }

    public static void NothingSaturatesAtTheEndsOfLevelsAndCodes(IDevice device, TensorType type)
    {
        foreach (var tokens in new[] { 1, 4 })
        {
            var input = TestTensor.ExactActivations(tokens, 256, seed: 5, extreme: true);
            AssertError(device, RoundingError, input, tokens, $"{tokens}", TestTensor.Extreme(type, 48, 256, seed: 9));
        }
    }

    public static void SeveralMatricesOfUnlikeTypesShareOneInput(IDevice device, int tokens, double bound = RoundingError) => AssertError(
        device, bound, TestTensor.ExactActivations(tokens, 512, seed: 1), tokens, "",
        TestTensor.Normal(TensorType.Q4_K, 70, 512, seed: 2, bias: true),
        TestTensor.Normal(TensorType.Q4_K, 31, 512, seed: 7),
        TestTensor.Normal(TensorType.Q4_K, 2, 512, seed: 8),
        TestTensor.Normal(TensorType.F16, 9, 512, seed: 3),
        TestTensor.Normal(TensorType.Q6_K, 40, 512, seed: 4),
        TestTensor.Normal(TensorType.Q8_0, 1, 512, seed: 5),
        TestTensor.Normal(TensorType.F32, 33, 512, seed: 6, bias: true));

    public static void MatricesOfDifferentColumnsAreRefused(IDevice device)
    {
        using var narrow = device.LoadMatrix(TestTensor.Normal(TensorType.F32, 4, 8, seed: 1));
        using var wide = device.LoadMatrix(TestTensor.Normal(TensorType.F32, 4, 12, seed: 1));
        using var buffer = device.Allocate(64);
        Assert.Throws<ArgumentException>(() => device.MatMul([narrow, wide], buffer, 1, buffer));
    }

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
