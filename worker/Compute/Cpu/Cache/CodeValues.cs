using System.Numerics;
using Cluster.Compute.Cpu.Attention;
using Cluster.Compute.Cpu.Vectors;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// Values that are summed in integers: a token's scale goes into its probability, and the products of a tile become int16 relative to
/// the largest that they could be, so that a token's part is rounded to 2^-16 of the tile's largest at most.
/// </summary>
internal sealed unsafe class CodeValues<TCodes> : ValueFormat
    where TCodes : struct, ICodeFormat
{
    public override TensorType Type => TCodes.Type;

    public override void Write(byte* group, int slot, ReadOnlySpan<float> value) => CodeGroup<TCodes, ValueOrder>.Write(group, slot, value);

    public override void Unpack(AttentionWorkspace workspace, byte* group, int index)
    {
        var headDim = workspace.HeadDim;
        var count = CpuKvCache.GroupTokens * headDim;
        TCodes.Unpack(group, (short*)workspace.Values + index * count, count);
        var scales = CodeGroup<TCodes, ValueOrder>.Scales(group, headDim);
        for (var block = 0; block < headDim / ICodeFormat.BlockSize; block++)
        {
            var target = workspace.ValueScales + block * AttentionWorkspace.TileTokens + index * CpuKvCache.GroupTokens;
            for (var i = 0; i < CpuKvCache.GroupTokens; i += Vector<float>.Count)
                VectorLoad.WidenHalf(scales + block * CpuKvCache.GroupTokens + i).Store(target + i);
        }
    }

    public override void Accumulate(AttentionWorkspace workspace, int count)
    {
        for (var block = 0; block < workspace.HeadDim / ICodeFormat.BlockSize; block++)
        {
            var scales = workspace.ValueScales + block * AttentionWorkspace.TileTokens;
            // Slots after the last token hold whatever an earlier sequence left there.
            new Span<float>(scales + count, AttentionWorkspace.TileTokens - count).Clear();
            var largest = Int16Codes.LargestMagnitude(scales, count);
            Scale(scales, count, largest > 0 ? Int16Codes.Range / largest : 0);
            var row = 0;
            for (; row + 4 <= workspace.Rows; row += 4) AccumulateRows4(workspace, row, block, count, largest / Int16Codes.Range);
            for (; row < workspace.Rows; row++) AccumulateRow(workspace, row, block, count, largest / Int16Codes.Range);
        }
    }

    private static void AccumulateRows4(AttentionWorkspace workspace, int row, int block, int count, float unit)
    {
        var width = workspace.PaddedDim;
        var keep = workspace.Keep + row;
        var weight = workspace.Weight + row;
        for (var i = 0; i < 4; i++) Weigh(workspace, row + i, block, count, i);
        var w0 = (int*)workspace.Weights;
        var w1 = w0 + AttentionWorkspace.TileTokens / 2;
        var w2 = w1 + AttentionWorkspace.TileTokens / 2;
        var w3 = w2 + AttentionWorkspace.TileTokens / 2;
        for (var lane = block * ICodeFormat.BlockSize; lane < (block + 1) * ICodeFormat.BlockSize; lane += 2 * Vector<int>.Count)
        {
            var values = (short*)workspace.Values + 2 * lane;
            PairProduct.Rows4(
                values, values + Vector<short>.Count, 2 * workspace.HeadDim, w0, w1, w2, w3, (count + 1) / 2,
                out var s00, out var s01, out var s10, out var s11, out var s20, out var s21, out var s30, out var s31);
            var output = workspace.Output + row * width + lane;
            Add(output, keep[0], s00, s01, weight[0] * unit);
            Add(output + width, keep[1], s10, s11, weight[1] * unit);
            Add(output + 2 * width, keep[2], s20, s21, weight[2] * unit);
            Add(output + 3 * width, keep[3], s30, s31, weight[3] * unit);
        }
    }

    private static void AccumulateRow(AttentionWorkspace workspace, int row, int block, int count, float unit)
    {
        Weigh(workspace, row, block, count, 0);
        for (var lane = block * ICodeFormat.BlockSize; lane < (block + 1) * ICodeFormat.BlockSize; lane += 2 * Vector<int>.Count)
        {
            var values = (short*)workspace.Values + 2 * lane;
            PairProduct.Row(
                values, values + Vector<short>.Count, 2 * workspace.HeadDim, (int*)workspace.Weights, (count + 1) / 2, out var s0, out var s1);
            Add(workspace.Output + row * workspace.PaddedDim + lane, workspace.Keep[row], s0, s1, workspace.Weight[row] * unit);
        }
    }

    /// <summary>Weights of the tile's tokens for one row and block: probability times scale, as int16.</summary>
    private static void Weigh(AttentionWorkspace workspace, int row, int block, int count, int target)
    {
        var probabilities = workspace.Scores + row * AttentionWorkspace.TileTokens;
        var scales = workspace.ValueScales + block * AttentionWorkspace.TileTokens;
        var weights = workspace.Weights + target * AttentionWorkspace.TileTokens;
        for (var i = 0; i < count; i += Vector<short>.Count)
        {
            Vector.Narrow(Product(probabilities + i, scales + i), Product(probabilities + i + Vector<float>.Count, scales + i + Vector<float>.Count))
                .Store(weights + i);
        }
    }

    private static Vector<int> Product(float* probabilities, float* scales) =>
        Vector.ConvertToInt32Native(Vector.Round(Vector.Load(probabilities) * Vector.Load(scales)));

    private static void Scale(float* values, int count, float factor)
    {
        for (var i = 0; i < count; i += Vector<float>.Count) (Vector.Load(values + i) * new Vector<float>(factor)).Store(values + i);
    }

    private static void Add(float* output, float keep, Vector<int> left, Vector<int> right, float weight)
    {
        var (scale, kept) = (new Vector<float>(weight), new Vector<float>(keep));
        Vector.MultiplyAddEstimate(Vector.Load(output), kept, Vector.ConvertToSingle(left) * scale).Store(output);
        Vector.MultiplyAddEstimate(Vector.Load(output + Vector<float>.Count), kept, Vector.ConvertToSingle(right) * scale)
            .Store(output + Vector<float>.Count);
    }
}
