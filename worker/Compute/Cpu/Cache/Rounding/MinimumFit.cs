using System.Numerics;
using System.Runtime.CompilerServices;

namespace Cluster.Compute.Cpu.Cache.Rounding;

/// <summary>
/// Scale and minimum of a block that leave the least squared error: trials cover the block's range, or less and less of it; for the
/// levels of each, both follow by least squares.
/// </summary>
internal static unsafe class MinimumFit<TLevels>
    where TLevels : struct, ILevels
{
    private const int Trials = 7;

    /// <summary>Part of the range that each further trial leaves out at either end.</summary>
    private const float Shrink = 0.015f;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static BlockScale Fit(float* block)
    {
        var (low, high) = (block[0], block[0]);
        for (var i = 1; i < ICodeFormat.BlockSize; i++) (low, high) = (MathF.Min(low, block[i]), MathF.Max(high, block[i]));
        var best = new BlockScale(0, low);
        var bestGain = float.NegativeInfinity;
        for (var trial = 0; trial < Trials && high > low; trial++)
        {
            var left = trial * Shrink * (high - low);
            Try(block, low + left, (high - low - 2 * left) / (TLevels.Last - TLevels.First), ref best, ref bestGain);
        }

        // What is stored is the minimum, the element of the first level.
        var scale = (float)(Half)best.Scale;
        return new BlockScale(scale, (float)(Half)(best.Offset + TLevels.First * best.Scale) - TLevels.First * scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Try(float* block, float low, float scale, ref BlockScale best, ref float bestGain)
    {
        var offset = low - TLevels.First * scale;
        Vector<float> levels = default, squares = default, elements = default, products = default;
        for (var i = 0; i < ICodeFormat.BlockSize; i += Vector<float>.Count)
        {
            var x = Vector.Load(block + i);
            var level = TLevels.Nearest((x - new Vector<float>(offset)) * (1 / scale));
            levels += level;
            squares += level * level;
            elements += x;
            products += x * level;
        }

        const float Count = ICodeFormat.BlockSize;
        var (l, ll, x1, xl) = (Vector.Sum(levels), Vector.Sum(squares), Vector.Sum(elements), Vector.Sum(products));
        var determinant = Count * ll - l * l;
        if (!(determinant > 0)) return;
        var fitted = new BlockScale((Count * xl - l * x1) / determinant, (ll * x1 - l * xl) / determinant);

        // Σx² less this is the error.
        var gain = fitted.Scale * xl + fitted.Offset * x1;
        if (gain > bestGain && fitted.Scale > 0) (best, bestGain) = (fitted, gain);
    }
}
