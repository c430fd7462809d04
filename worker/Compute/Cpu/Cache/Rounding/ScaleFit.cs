using System.Numerics;
using System.Runtime.CompilerServices;

namespace Cluster.Compute.Cpu.Cache.Rounding;

/// <summary>
/// The scale of a block that leaves the least squared error. Trial scales map the largest magnitude around the lowest and around the
/// highest level; each fixes the levels, for which the best scale is the least-squares one: Σx·l / Σl². Its error is
/// Σx² - (Σx·l)² / Σl², so the trial with the largest quotient wins.
/// </summary>
internal static unsafe class ScaleFit<TLevels>
    where TLevels : struct, ILevels
{
    /// <summary>Trials on each side of the scale that just covers the block; more gained nothing that could be measured.</summary>
    private const int Steps = 4;

    /// <summary>How far the outermost trials are from it.</summary>
    private const float Reach = 0.16f;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static BlockScale Fit(float* block)
    {
        var largest = 0f;
        for (var i = 0; i < ICodeFormat.BlockSize; i++) largest = MathF.Abs(block[i]) > MathF.Abs(largest) ? block[i] : largest;
        if (largest == 0) return default;
        var (best, bestGain) = (0f, 0f);
        for (var step = -Steps; step <= Steps; step++)
        {
            var stretch = 1 + Reach * step / Steps;
            Try(block, TLevels.First * stretch / largest, ref best, ref bestGain);
            Try(block, TLevels.Last * stretch / largest, ref best, ref bestGain);
        }

        return new BlockScale((float)(Half)best, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Try(float* block, float inverse, ref float best, ref float bestGain)
    {
        Vector<float> cross = default, square = default;
        for (var i = 0; i < ICodeFormat.BlockSize; i += Vector<float>.Count)
        {
            var x = Vector.Load(block + i);
            var level = TLevels.Nearest(x * inverse);
            cross += x * level;
            square += level * level;
        }

        var (product, norm) = (Vector.Sum(cross), Vector.Sum(square));
        if (!(norm > 0) || !(product * product / norm > bestGain)) return;
        bestGain = product * product / norm;
        best = product / norm;
    }
}
