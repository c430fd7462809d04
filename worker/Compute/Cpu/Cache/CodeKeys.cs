using System.Numerics;
using Cluster.Compute.Cpu.Attention;
using Cluster.Compute.Cpu.Vectors;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// Keys that are scored in integers: queries become int16 with one scale a row, which loses nothing against the keys' own rounding and
/// multiplies as fast as int8 does.
/// </summary>
internal sealed unsafe class CodeKeys<TCodes> : KeyFormat
    where TCodes : struct, ICodeFormat
{
    private const int BlockPairs = ICodeFormat.BlockSize / 2;

    /// <summary>Elements from one pair of a group's keys to the next.</summary>
    private const int PairStride = 2 * CpuKvCache.GroupTokens;

    public override TensorType Type => TCodes.Type;

    public override void Write(byte* group, int slot, ReadOnlySpan<float> key) => CodeGroup<TCodes, KeyOrder>.Write(group, slot, key);

    public override void LoadQuery(AttentionWorkspace workspace, int row, float* query, float scale)
    {
        var headDim = workspace.HeadDim;
        var largest = Int16Codes.LargestMagnitude(query, headDim);
        Int16Codes.Quantize(query, largest, (short*)workspace.Queries + row * headDim, headDim);
        workspace.RowScale[row] = scale * largest / Int16Codes.Range;
    }

    public override void Unpack(AttentionWorkspace workspace, byte* group, int index)
    {
        var headDim = workspace.HeadDim;
        var count = CpuKvCache.GroupTokens * headDim;
        TCodes.Unpack(group, (short*)workspace.Keys + index * count, count);
        var scales = CodeGroup<TCodes, KeyOrder>.Scales(group, headDim);
        var scaleCount = count / ICodeFormat.BlockSize;
        var target = workspace.KeyScales + index * scaleCount;
        for (var i = 0; i < scaleCount; i += Vector<float>.Count) VectorLoad.WidenHalf(scales + i).Store(target + i);
    }

    public override void Score(AttentionWorkspace workspace, int column)
    {
        var lanes = AttentionWorkspace.KeyGroupsAtOnce * CpuKvCache.GroupTokens;
        for (var lane = 0; lane < lanes; lane += 2 * Vector<float>.Count) ScoreLanes(workspace, lane, workspace.Scores + column + lane);
    }

    private static void ScoreLanes(AttentionWorkspace workspace, int lane, float* scores)
    {
        var headDim = workspace.HeadDim;
        var leftKeys = KeysAt(workspace, lane);
        var rightKeys = KeysAt(workspace, lane + Vector<float>.Count);
        var leftScales = ScalesAt(workspace, lane);
        var rightScales = ScalesAt(workspace, lane + Vector<float>.Count);
        for (var block = 0; block < headDim / ICodeFormat.BlockSize; block++)
        {
            var left = leftKeys + block * BlockPairs * PairStride;
            var right = rightKeys + block * BlockPairs * PairStride;
            var leftScale = Vector.Load(leftScales + block * CpuKvCache.GroupTokens);
            var rightScale = Vector.Load(rightScales + block * CpuKvCache.GroupTokens);
            var query = (int*)workspace.Queries + block * BlockPairs;
            var queryStride = headDim / 2;
            var target = scores;
            var row = 0;
            for (; row + 4 <= workspace.Rows; row += 4)
            {
                PairProduct.Rows4(
                    left, right, PairStride, query, query + queryStride, query + 2 * queryStride, query + 3 * queryStride, BlockPairs,
                    out var s00, out var s01, out var s10, out var s11, out var s20, out var s21, out var s30, out var s31);
                Add(target, s00, leftScale, s01, rightScale, block);
                Add(target + AttentionWorkspace.TileTokens, s10, leftScale, s11, rightScale, block);
                Add(target + 2 * AttentionWorkspace.TileTokens, s20, leftScale, s21, rightScale, block);
                Add(target + 3 * AttentionWorkspace.TileTokens, s30, leftScale, s31, rightScale, block);
                query += 4 * queryStride;
                target += 4 * AttentionWorkspace.TileTokens;
            }

            for (; row < workspace.Rows; row++)
            {
                PairProduct.Row(left, right, PairStride, query, BlockPairs, out var s0, out var s1);
                Add(target, s0, leftScale, s1, rightScale, block);
                query += queryStride;
                target += AttentionWorkspace.TileTokens;
            }
        }
    }

    private static void Add(float* target, Vector<int> left, Vector<float> leftScale, Vector<int> right, Vector<float> rightScale, int block)
    {
        var leftScore = Vector.ConvertToSingle(left) * leftScale;
        var rightScore = Vector.ConvertToSingle(right) * rightScale;
        if (block > 0)
        {
            leftScore += Vector.Load(target);
            rightScore += Vector.Load(target + Vector<float>.Count);
        }

        leftScore.Store(target);
        rightScore.Store(target + Vector<float>.Count);
    }

    private static short* KeysAt(AttentionWorkspace workspace, int lane) =>
        (short*)workspace.Keys + lane / CpuKvCache.GroupTokens * CpuKvCache.GroupTokens * workspace.HeadDim + lane % CpuKvCache.GroupTokens * 2;

    private static float* ScalesAt(AttentionWorkspace workspace, int lane) =>
        workspace.KeyScales + lane / CpuKvCache.GroupTokens * CpuKvCache.GroupTokens * (workspace.HeadDim / ICodeFormat.BlockSize)
            + lane % CpuKvCache.GroupTokens;
}
