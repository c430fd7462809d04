using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Cpu.Attention;

/// <summary>The fast Walsh–Hadamard transform of a head (see <see cref="HadamardSize"/>): orthonormal, its own inverse.</summary>
internal static unsafe class HadamardTransform
{
    /// <summary>Elements that are transformed in registers.</summary>
    private const int Tile = 32;

    /// <summary>Transforms each run of <paramref name="size"/> elements in place.</summary>
    /// <param name="row">The head.</param>
    /// <param name="length">Its elements, a multiple of <paramref name="size"/>.</param>
    /// <param name="size">A power of two, 32 or more; 0 leaves the row as it is.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(float* row, int length, int size)
    {
        if (size == 0) return;
        var scale = Vector128.Create(1 / MathF.Sqrt(size));
        for (var tile = row; tile < row + length; tile += Tile) TransformTile(tile, scale);
        for (var half = Tile; half < size; half *= 2)
        {
            for (var pair = row; pair < row + length; pair += 2 * half) Butterflies(pair, half);
        }
    }

    /// <summary>All of a tile's stages.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransformTile(float* tile, Vector128<float> scale)
    {
        var (a, b) = (TransformFour(tile, scale), TransformFour(tile + 4, scale));
        var (c, d) = (TransformFour(tile + 8, scale), TransformFour(tile + 12, scale));
        var (e, f) = (TransformFour(tile + 16, scale), TransformFour(tile + 20, scale));
        var (g, h) = (TransformFour(tile + 24, scale), TransformFour(tile + 28, scale));
        (a, b, c, d, e, f, g, h) = (a + b, a - b, c + d, c - d, e + f, e - f, g + h, g - h);
        (a, c, b, d, e, g, f, h) = (a + c, a - c, b + d, b - d, e + g, e - g, f + h, f - h);
        (a + e).Store(tile);
        (b + f).Store(tile + 4);
        (c + g).Store(tile + 8);
        (d + h).Store(tile + 12);
        (a - e).Store(tile + 16);
        (b - f).Store(tile + 20);
        (c - g).Store(tile + 24);
        (d - h).Store(tile + 28);
    }

    /// <summary>The first two stages of four elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> TransformFour(float* elements, Vector128<float> scale)
    {
        var x = Vector128.Load(elements) * scale;
        x = Vector128.MultiplyAddEstimate(x, Vector128.Create(1f, -1, 1, -1), Vector128.Shuffle(x, Vector128.Create(1, 0, 3, 2)));
        return Vector128.MultiplyAddEstimate(x, Vector128.Create(1f, 1, -1, -1), Vector128.Shuffle(x, Vector128.Create(2, 3, 0, 1)));
    }

    /// <summary>(a, b) → (a + b, a - b) for elements <paramref name="half"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Butterflies(float* pair, int half)
    {
        for (var i = 0; i < half; i += Vector<float>.Count)
        {
            var (a, b) = (Vector.Load(pair + i), Vector.Load(pair + half + i));
            (a + b).Store(pair + i);
            (a - b).Store(pair + half + i);
        }
    }
}
