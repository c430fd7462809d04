using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Attention;
using Cluster.Compute.Cpu.Vectors;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// Keys that are scored in integers, straight from the cache: queries become int16 with one scale a row, which loses nothing against the
/// keys' own rounding and multiplies as fast as int8 does.
/// </summary>
internal sealed unsafe class CodeKeys<TCodes, TBits>() : KeyFormat(TCodes.Type)
    where TCodes : struct, ICodeFormat
    where TBits : struct, ICodeBits
{
    /// <summary>Runs that hold a block of sixteen keys.</summary>
    private const int BlockRuns = CpuKvCache.GroupTokens * ICodeFormat.BlockSize / ICodeBits.RunCodes;

    public override void Store(byte* group, int slot, byte* row, int headDim) =>
        CodeGroup<TCodes, TBits, KeyOrder>.Store(group, slot, row, headDim);

    public override void Load(byte* group, int slot, byte* row, int headDim) =>
        CodeGroup<TCodes, TBits, KeyOrder>.Load(group, slot, row, headDim);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void LoadQuery(AttentionWorkspace workspace, int row, float* query, float scale)
    {
        var headDim = workspace.HeadDim;
        var codes = (short*)workspace.Queries + row * headDim;
        var largest = Int16Codes.LargestMagnitude(query, headDim);
        Int16Codes.Quantize(query, largest, codes, headDim);
        workspace.RowScale[row] = scale * largest / Int16Codes.Range;
        if (TCodes.Bias == 0 && !TCodes.HasMinimum) return;
        var blocks = headDim / ICodeFormat.BlockSize;
        for (var block = 0; block < blocks; block++)
            workspace.QuerySums[row * blocks + block] = Int16Codes.Sum(codes + block * ICodeFormat.BlockSize, ICodeFormat.BlockSize);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Score(AttentionWorkspace workspace, byte* group, int column)
    {
        for (var lane = 0; lane < CpuKvCache.GroupTokens; lane += Lanes.Step)
        {
            for (var block = 0; block < workspace.HeadDim / ICodeFormat.BlockSize; block++)
            {
                if (workspace.Rows >= 4) ScoreRows4(workspace, group, block, lane, column);
                for (var row = workspace.Rows & ~3; row < workspace.Rows; row++) ScoreRow(workspace, group, row, block, lane, column);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ScoreRows4(AttentionWorkspace workspace, byte* group, int block, int lane, int column)
    {
        LoadScales(group, workspace.HeadDim, block, lane, out var leftScale, out var rightScale);
        var runs = group + block * BlockRuns * TBits.RunBytes;
        var blocks = workspace.HeadDim / ICodeFormat.BlockSize;
        var query = (int*)workspace.Queries + block * (ICodeFormat.BlockSize / 2);
        var sums = workspace.QuerySums + block;
        nint queryStride = workspace.HeadDim / 2;
        var minimums = Minimums(group, workspace.HeadDim, block, lane);
        var scores = workspace.Scores + column + lane;
        for (var rows = workspace.Rows / 4; rows > 0; rows--)
        {
            Vector<int> s00 = default, s10 = default, s20 = default, s30 = default;
            if (TCodes.Bias != 0)
            {
                s00 = new Vector<int>(-TCodes.Bias * sums[0]);
                s10 = new Vector<int>(-TCodes.Bias * sums[blocks]);
                s20 = new Vector<int>(-TCodes.Bias * sums[2 * blocks]);
                s30 = new Vector<int>(-TCodes.Bias * sums[3 * blocks]);
            }

            var (s01, s11, s21, s31) = (s00, s10, s20, s30);
            CodeProduct<TBits>.Rows4(
                runs, TBits.RunBytes, lane, BlockRuns, query, query + queryStride, query + 2 * queryStride, query + 3 * queryStride,
                ref s00, ref s01, ref s10, ref s11, ref s20, ref s21, ref s30, ref s31);
            Add(scores, s00, leftScale, s01, rightScale, block);
            Add(scores + AttentionWorkspace.TileTokens, s10, leftScale, s11, rightScale, block);
            Add(scores + 2 * AttentionWorkspace.TileTokens, s20, leftScale, s21, rightScale, block);
            Add(scores + 3 * AttentionWorkspace.TileTokens, s30, leftScale, s31, rightScale, block);
            if (TCodes.HasMinimum)
            {
                for (var i = 0; i < 4; i++) AddMinimums(scores + i * AttentionWorkspace.TileTokens, sums[i * blocks], minimums);
            }

            sums += 4 * blocks;
            query += 4 * queryStride;
            scores += 4 * AttentionWorkspace.TileTokens;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void ScoreRow(AttentionWorkspace workspace, byte* group, int row, int block, int lane, int column)
    {
        LoadScales(group, workspace.HeadDim, block, lane, out var leftScale, out var rightScale);
        var querySum = workspace.QuerySums[row * (workspace.HeadDim / ICodeFormat.BlockSize) + block];
        var s0 = TCodes.Bias == 0 ? default : new Vector<int>(-TCodes.Bias * querySum);
        var s1 = s0;
        var query = (int*)workspace.Queries + row * (workspace.HeadDim / 2) + block * (ICodeFormat.BlockSize / 2);
        CodeProduct<TBits>.Row(group + block * BlockRuns * TBits.RunBytes, TBits.RunBytes, lane, BlockRuns, query, ref s0, ref s1);
        var score = workspace.Scores + row * AttentionWorkspace.TileTokens + column + lane;
        Add(score, s0, leftScale, s1, rightScale, block);
        if (TCodes.HasMinimum) AddMinimums(score, querySum, Minimums(group, workspace.HeadDim, block, lane));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadScales(byte* group, int headDim, int block, int lane, out Vector<float> left, out Vector<float> right)
    {
        var scales = CodeGroup<TCodes, TBits, KeyOrder>.Scales(group, headDim) + block * CpuKvCache.GroupTokens + lane;
        left = VectorLoad.WidenHalf(scales);
        right = VectorLoad.WidenHalf(scales + Lanes.Right);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ushort* Minimums(byte* group, int headDim, int block, int lane) =>
        CodeGroup<TCodes, TBits, KeyOrder>.Minimums(group, headDim) + block * CpuKvCache.GroupTokens + lane;

    /// <summary>Adds a block's products to what the blocks before it came to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* target, Vector<int> left, Vector<float> leftScale, Vector<int> right, Vector<float> rightScale, int block)
    {
        var (leftScore, rightScore) = (Vector.ConvertToSingle(left), Vector.ConvertToSingle(right));
        if (block > 0)
        {
            leftScore = Vector.MultiplyAddEstimate(leftScore, leftScale, Vector.Load(target));
            rightScore = Vector.MultiplyAddEstimate(rightScore, rightScale, Vector.Load(target + Lanes.Right));
        }
        else
        {
            leftScore *= leftScale;
            rightScore *= rightScale;
        }

        leftScore.Store(target);
        rightScore.Store(target + Lanes.Right);
    }
    /// <summary>Adds what a block's minimum contributes to the products: the same for each of its elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddMinimums(float* target, int querySum, ushort* minimums)
    {
        var sum = new Vector<float>(querySum);
        var (left, right) = (Vector.Load(target), Vector.Load(target + Lanes.Right));
        Vector.MultiplyAddEstimate(VectorLoad.WidenHalf(minimums), sum, left).Store(target);
        Vector.MultiplyAddEstimate(VectorLoad.WidenHalf(minimums + Lanes.Right), sum, right).Store(target + Lanes.Right);
    }
}
