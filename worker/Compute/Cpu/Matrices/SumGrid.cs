using System.Numerics;

namespace Cluster.Compute.Cpu.Matrices;

/// <summary>
/// Makes the sums of a row-parallel product the same to the bit however its columns are cut. Activations are quantized to int8, so a
/// difference in the last bit of a hidden state can tip a code over, and after some layers a split would choose other tokens. Sums that
/// begin at 1.5 · 2^23 grid steps have that step as their last place, so each block's product is rounded to the grid on its own, and
/// adding becomes exact and independent of order, in a rank and between ranks, as long as a sum stays below 2^22 steps.
/// </summary>
/// <remarks>
/// The step follows the residual stream, which all ranks hold bit for bit: 2^-13 of its root mean square, rounded up to a power of two. The
/// rounding of n blocks then adds noise of 0.3 · sqrt(n) steps, below what quantizing activations to int8 costs, and outputs of up to 512
/// times the root mean square are exact (the first layers turn small embeddings into states a hundred times larger). A larger one is still right to
/// 23 bits, but may differ in its last bit from split to split.
/// </remarks>
internal static unsafe class SumGrid
{
    private const int BitsBelowResidual = 13;

    /// <summary>1.5 · 2^23: in the middle of the f32 numbers whose last place is 1.</summary>
    private const float Middle = 12_582_912;

    /// <summary>Writes for each row of <paramref name="residual"/> what the sums of its token begin at.</summary>
    public static void Starts(float* residual, int width, int tokens, float* starts)
    {
        for (var t = 0; t < tokens; t++) starts[t] = Middle * Step(residual + (long)t * width, width);
    }

    private static float Step(float* row, int width)
    {
        var sum = Vector<float>.Zero;
        var i = 0;
        for (; i <= width - Vector<float>.Count; i += Vector<float>.Count)
        {
            var values = Vector.Load(row + i);
            sum += values * values;
        }

        var squares = Vector.Sum(sum);
        for (; i < width; i++) squares += row[i] * row[i];
        var exponent = squares > 0 && float.IsFinite(squares) ? Math.ILogB(Math.Sqrt(squares / width)) + 1 : 0;
        return MathF.ScaleB(1, Math.Clamp(exponent, -60, 60) - BitsBelowResidual);
    }
}
