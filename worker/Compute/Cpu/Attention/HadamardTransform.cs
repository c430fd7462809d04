using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Cpu.Attention;

/// <summary>The fast Walsh–Hadamard transform of a head (see <see cref="HadamardSize"/>): orthonormal, its own inverse.</summary>
internal static unsafe class HadamardTransform
{
    /// <summary>Transforms each run of <paramref name="size"/> elements in place.</summary>
    /// <param name="row">The head.</param>
    /// <param name="length">Its elements, a multiple of <paramref name="size"/>.</param>
    /// <param name="size">A power of two, 4 or more; 0 leaves the row as it is.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(float* row, int length, int size)
    {
        if (size == 0) return;
        var scale = Vector128.Create(1 / MathF.Sqrt(size));
        for (var run = row; run < row + length; run += size)
        {
            for (var i = 0; i < size; i += Vector128<float>.Count)
            {
                var x = Vector128.Load(run + i) * scale;
                x = Vector128.Shuffle(x, Vector128.Create(1, 0, 3, 2)) + x * Vector128.Create(1f, -1, 1, -1);
                x = Vector128.Shuffle(x, Vector128.Create(2, 3, 0, 1)) + x * Vector128.Create(1f, 1, -1, -1);
                x.Store(run + i);
            }

            for (var half = Vector128<float>.Count; half < size; half *= 2) Butterflies(run, size, half);
        }
    }

    /// <summary>(a, b) → (a + b, a - b) for elements <paramref name="half"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Butterflies(float* run, int size, int half)
    {
        for (var pair = run; pair < run + size; pair += 2 * half)
        {
            for (var i = 0; i < half; i += Vector128<float>.Count)
            {
                var (a, b) = (Vector128.Load(pair + i), Vector128.Load(pair + half + i));
                (a + b).Store(pair + i);
                (a - b).Store(pair + half + i);
            }
        }
    }
}
