using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Attention;
using Cluster.Compute.Cpu.Vectors;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>Keys that are scored in f32.</summary>
internal sealed unsafe class ElementKeys<TElements>() : KeyFormat(TElements.Type)
    where TElements : struct, IElementFormat
{
    public override void Store(byte* group, int slot, byte* row, int headDim) =>
        ElementGroup<TElements, KeyOrder>.Store(group, slot, row, headDim);

    public override void Load(byte* group, int slot, byte* row, int headDim) =>
        ElementGroup<TElements, KeyOrder>.Load(group, slot, row, headDim);

    public override void LoadQuery(AttentionWorkspace workspace, int row, float* query, float scale)
    {
        var headDim = workspace.HeadDim;
        new ReadOnlySpan<float>(query, headDim).CopyTo(new Span<float>(workspace.Queries + row * headDim, headDim));
        workspace.RowScale[row] = scale;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Score(AttentionWorkspace workspace, byte* group, int column)
    {
        var headDim = workspace.HeadDim;
        TElements.Unpack(group, workspace.Keys, CpuKvCache.GroupTokens * headDim);
        var scores = workspace.Scores + column;
        for (var lane = 0; lane < CpuKvCache.GroupTokens; lane += Lanes.Step)
        {
            var keys = workspace.Keys + lane;
            for (var row = 0; row < workspace.Rows; row += 4)
            {
                // The last row stands in for those that are missing; there is room for their scores.
                var query = workspace.Queries + row * headDim;
                var last = Math.Min(3, workspace.Rows - 1 - row);
                var (second, third) = (Math.Min(1, last) * headDim, Math.Min(2, last) * headDim);
                FloatProduct.Rows4(
                    keys, Lanes.Right, CpuKvCache.GroupTokens, query, query + second, query + third, query + last * headDim, headDim,
                    out var s00, out var s01, out var s10, out var s11, out var s20, out var s21, out var s30, out var s31);
                var target = scores + row * AttentionWorkspace.TileTokens + lane;
                Store(target, s00, s01);
                Store(target + AttentionWorkspace.TileTokens, s10, s11);
                Store(target + 2 * AttentionWorkspace.TileTokens, s20, s21);
                Store(target + 3 * AttentionWorkspace.TileTokens, s30, s31);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* target, Vector<float> left, Vector<float> right)
    {
        left.Store(target);
        right.Store(target + Lanes.Right);
    }
}
