using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Attention;
using Cluster.Compute.Cpu.Vectors;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>Values that are summed in f32.</summary>
internal sealed unsafe class ElementValues<TElements>() : ValueFormat(TElements.Type)
    where TElements : struct, IElementFormat
{
    public override void Store(byte* group, int slot, byte* row, int headDim) =>
        ElementGroup<TElements, ValueOrder>.Store(group, slot, row, headDim);

    public override void Load(byte* group, int slot, byte* row, int headDim) =>
        ElementGroup<TElements, ValueOrder>.Load(group, slot, row, headDim);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Accumulate(AttentionWorkspace workspace, int count)
    {
        Unpack(workspace, count);
        for (var row = 0; row < workspace.Rows; row += 4) AccumulateRows4(workspace, row, count);
    }

    /// <summary>Decodes the tile's values to rows of <see cref="AttentionWorkspace.PaddedDim"/>.</summary>
    private static void Unpack(AttentionWorkspace workspace, int count)
    {
        var (headDim, width) = (workspace.HeadDim, workspace.PaddedDim);
        for (var slot = 0; slot < count; slot += CpuKvCache.GroupTokens)
        {
            var group = workspace.ValueGroups[slot / CpuKvCache.GroupTokens];
            var target = workspace.Values + slot * width;
            if (headDim == width)
            {
                TElements.Unpack(group, target, CpuKvCache.GroupTokens * headDim);
                continue;
            }

            for (var i = 0; i < CpuKvCache.GroupTokens; i++)
                TElements.Unpack(group + i * headDim * TElements.ElementBytes, target + i * width, headDim);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AccumulateRows4(AttentionWorkspace workspace, int row, int count)
    {
        var width = workspace.PaddedDim;
        var keep = workspace.Keep + row;
        var weight = workspace.Weight + row;
        var p0 = workspace.Scores + row * AttentionWorkspace.TileTokens;
        // The last row stands in for those that are missing; there is room for their outputs.
        var last = Math.Min(3, workspace.Rows - 1 - row);
        var p1 = p0 + Math.Min(1, last) * AttentionWorkspace.TileTokens;
        var p2 = p0 + Math.Min(2, last) * AttentionWorkspace.TileTokens;
        var p3 = p0 + last * AttentionWorkspace.TileTokens;
        for (var lane = 0; lane < width; lane += Lanes.Step)
        {
            var values = workspace.Values + lane;
            FloatProduct.Rows4(
                values, Lanes.Right, width, p0, p1, p2, p3, count,
                out var s00, out var s01, out var s10, out var s11, out var s20, out var s21, out var s30, out var s31);
            var output = workspace.Output + row * width + lane;
            Add(output, keep[0], s00, s01, weight[0]);
            Add(output + width, keep[1], s10, s11, weight[1]);
            Add(output + 2 * width, keep[2], s20, s21, weight[2]);
            Add(output + 3 * width, keep[3], s30, s31, weight[3]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* output, float keep, Vector<float> left, Vector<float> right, float weight)
    {
        var (scale, kept) = (new Vector<float>(weight), new Vector<float>(keep));
        var newLeft = Vector.MultiplyAddEstimate(Vector.Load(output), kept, left * scale);
        var newRight = Vector.MultiplyAddEstimate(Vector.Load(output + Lanes.Right), kept, right * scale);
        newLeft.Store(output);
        newRight.Store(output + Lanes.Right);
    }
}
