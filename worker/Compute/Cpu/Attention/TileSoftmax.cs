using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Vectors;

namespace Cluster.Compute.Cpu.Attention;

/// <summary>
/// The streaming softmax (Milakov and Gimelshein 2018, as in FlashAttention) of a tile: scores become probabilities relative to the
/// tile's own largest, and each row learns what to multiply its output so far and the tile's part with.
/// </summary>
internal static unsafe class TileSoftmax
{
    /// <summary>Scores of the tile's <paramref name="count"/> tokens, the first of them at position <paramref name="start"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Apply(AttentionWorkspace workspace, int start, int count)
    {
        for (var row = 0; row < workspace.Rows; row++)
        {
            var scores = workspace.Scores + row * AttentionWorkspace.TileTokens;
            var visible = Math.Clamp(workspace.Limit[row] - start, 0, count);
            var scale = new Vector<float>(workspace.RowScale[row]);
            workspace.Visible[row] = visible;
            workspace.TileMax[row] = Largest(scores, visible, scale);
            workspace.TileSum[row] = Exponentiate(scores, visible, count, scale, workspace.TileMax[row]);
        }

        var none = new Vector<float>(AttentionWorkspace.NoScore);
        for (var row = 0; row < workspace.Rows; row += Vector<float>.Count)
        {
            var tileMax = Vector.Load(workspace.TileMax + row);
            var oldMax = Vector.Load(workspace.Max + row);
            var max = Vector.MaxNative(oldMax, tileMax);
            // A row that sees nothing of the tile stays as it is to the bit, which 2^0 as computed, a little above 1, would not leave it.
            var keep = Vector.ConditionalSelect(Vector.Equals(tileMax, none), Vector<float>.One, VectorMath.Exp2Floored(oldMax - max));
            var weight = VectorMath.Exp2Floored(tileMax - max);
            max.Store(workspace.Max + row);
            keep.Store(workspace.Keep + row);
            weight.Store(workspace.Weight + row);
            (Vector.Load(workspace.Sum + row) * keep + Vector.Load(workspace.TileSum + row) * weight).Store(workspace.Sum + row);
        }
    }

    /// <summary>Largest of the first <paramref name="visible"/> scores times <paramref name="scale"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Largest(float* scores, int visible, Vector<float> scale)
    {
        var none = new Vector<float>(AttentionWorkspace.NoScore);
        var largest = none;
        var i = 0;
        for (; i + Vector<float>.Count <= visible; i += Vector<float>.Count) largest = Vector.MaxNative(largest, Vector.Load(scores + i) * scale);
        if (i < visible)
            largest = Vector.MaxNative(largest, Vector.ConditionalSelect(FirstLanes(visible - i), Vector.Load(scores + i) * scale, none));
        return VectorMath.Largest(largest);
    }

    /// <summary>
    /// scores = 2^(score · scale - largest) for the visible ones (2^-126 for the least) and 0 for the others, up to
    /// <see cref="AttentionWorkspace.PadTokens"/>; returns the sum.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Exponentiate(float* scores, int visible, int count, Vector<float> scale, float largest)
    {
        // Product, then difference, rounded apart as in Largest: no probability exceeds 1.
        var max = new Vector<float>(largest);
        var sum = Vector<float>.Zero;
        var i = 0;
        for (; i + Vector<float>.Count <= visible; i += Vector<float>.Count)
        {
            var probability = VectorMath.Exp2Floored(Vector.Load(scores + i) * scale - max);
            probability.Store(scores + i);
            sum += probability;
        }

        if (i < visible)
        {
            var probability = VectorMath.Exp2Floored(Vector.Load(scores + i) * scale - max);
            probability = Vector.ConditionalSelect(FirstLanes(visible - i), probability, Vector<float>.Zero);
            probability.Store(scores + i);
            sum += probability;
            i += Vector<float>.Count;
        }

        var end = AttentionWorkspace.PadTokens(count);
        for (; i < end; i += Vector<float>.Count) Vector<float>.Zero.Store(scores + i);
        return Vector.Sum(sum);
    }

    /// <summary>All bits set in the first <paramref name="count"/> lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> FirstLanes(int count) => Vector.AsVectorSingle(Vector.LessThan(Vector<int>.Indices, new Vector<int>(count)));
}
