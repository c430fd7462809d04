using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Isa;

namespace Cluster.Compute.Cpu.Matrices;

/// <summary>
/// Makes the sums of a row-parallel product the same to the bit however its columns are cut. Activations are quantized to int8, so a
/// difference in the last bit of a hidden state can tip a code over, and after some layers a split would choose other tokens. Sums that
/// begin at 1.5 · 2^23 grid steps have that step as their last place, so each block's product is rounded to the grid on its own, and
/// adding becomes exact and independent of order, in a rank and between ranks, as long as a sum stays below 2^22 steps.
/// </summary>
/// <remarks>
/// The step follows the residual stream, which all ranks hold bit for bit: 2^-12 of its root mean square, rounded up to a power of two. The
/// rounding of n blocks then adds noise of 0.3 · sqrt(n) steps, below what quantizing activations to int8 costs, and sums of up to 1024
/// times the root mean square are exact. (The first layers turn small embeddings into states a hundred times larger, of the sample model and random
/// token ids into some that are 512 times as large.) A larger one is still right to 23 bits, but may differ in its last bit from split to split, and so may
/// sums on a processor without fused multiply-add. Plain weights, which nothing is quantized for, keep what rounding takes off in a second plane
/// of sums.
/// </remarks>
internal static unsafe class SumGrid
{
    /// <summary>Columns that cuts of a row-parallel matrix keep to: a product is rounded to the grid once for so many of them.</summary>
    public const int CutColumns = 32;

    /// <summary>
    /// A step of the grid of what rounding takes off, in steps of the sums' own. Of 65,536 columns, 2,048 roundings of half a step each
    /// stay below 2^22 finer steps.
    /// </summary>
    public const float RemainderScale = 1f / 4096;

    private const int BitsBelowResidual = 12;

    /// <summary>1.5 · 2^23: in the middle of the f32 numbers whose last place is 1.</summary>
    private const float Middle = 12_582_912;

    /// <summary>Writes for each row of <paramref name="residual"/> what the sums of its token begin at.</summary>
    public static void Starts(float* residual, int width, int tokens, float* starts)
    {
        for (var t = 0; t < tokens; t++) starts[t] = Middle * Step(residual + (long)t * width, width);
    }

    /// <summary>
    /// Sets the last bit. A product with such a number has its lowest bit at least 23 places below its highest, so that one within the
    /// grid's range never lies halfway between two steps: whether the last step is up or down must not depend on the sum.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector NeverHalfway<TIsa, TVector>(TVector values)
        where TIsa : IPanelIsa<TVector>
        where TVector : struct =>
        TIsa.Or(values, TIsa.BroadcastFloat(float.Epsilon));

    /// <summary>The same for one number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float NeverHalfway(float value) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(value) | 1);

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
