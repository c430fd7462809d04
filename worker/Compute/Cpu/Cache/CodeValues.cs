using System.Numerics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Attention;
using Cluster.Compute.Cpu.Vectors;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// Values that are summed in integers, straight from the cache: a token's scale goes into its probability, and the products of a tile
/// become int16 relative to the largest that they could be, so that a token's part is rounded to 2^-16 of the tile's largest at most. Largest
/// is of what the row sees: tokens after it, which may come in the same step or not, leave no trace.
/// </summary>
internal sealed unsafe class CodeValues<TCodes, TBits>() : ValueFormat(TCodes.Type)
    where TCodes : struct, ICodeFormat
    where TBits : struct, ICodeBits
{
    /// <summary>Elements of a run.</summary>
    private const int RunElements = ICodeBits.Lanes;

    /// <summary>Tokens of a run.</summary>
    private const int RunTokens = ICodeBits.Members;

    private const int GroupPairs = CpuKvCache.GroupTokens / 2;

    public override void Store(byte* group, int slot, byte* row, int headDim) =>
        CodeGroup<TCodes, TBits, ValueOrder>.Store(group, slot, row, headDim);

    public override void Load(byte* group, int slot, byte* row, int headDim) =>
        CodeGroup<TCodes, TBits, ValueOrder>.Load(group, slot, row, headDim);

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Accumulate(AttentionWorkspace workspace, int count)
    {
        for (var block = 0; block < workspace.HeadDim / ICodeFormat.BlockSize; block++)
        {
            LoadScales(workspace, block, count);
            var (visible, unit) = (-1, 0f);
            for (var row = 0; row + 4 <= workspace.Rows; row += 4)
            {
                for (var i = 0; i < 4; i++) Weigh(workspace, row + i, count, i, ref visible, ref unit);
                AccumulateRows4(workspace, row, block, count);
            }

            for (var row = workspace.Rows & ~3; row < workspace.Rows; row++)
            {
                Weigh(workspace, row, count, 0, ref visible, ref unit);
                AccumulateRow(workspace, row, block, count);
            }
        }
    }

    /// <summary>Weighs a row, with the scales of the row before if that sees as many (<paramref name="visible"/>) tokens of the tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Weigh(AttentionWorkspace workspace, int row, int count, int place, ref int visible, ref float unit)
    {
        if (workspace.Visible[row] != visible)
        {
            visible = workspace.Visible[row];
            unit = ScaleFor(workspace, visible, count);
        }

        workspace.WeightUnits[place] = unit;
        Weigh(workspace, row, count, place);
    }

    /// <summary>
    /// Scales and minimums of the tile's values of one block; 0 for slots after the last token, which hold whatever an earlier sequence
    /// left there.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void LoadScales(AttentionWorkspace workspace, int block, int count)
    {
        var headDim = workspace.HeadDim;
        var target = workspace.ValueScales;
        for (var start = 0; start < count; start += CpuKvCache.GroupTokens)
        {
            var group = workspace.ValueGroups[start / CpuKvCache.GroupTokens];
            Widen(CodeGroup<TCodes, TBits, ValueOrder>.Scales(group, headDim) + block * CpuKvCache.GroupTokens, target + start);
            if (TCodes.HasMinimum)
            {
                var minimums = CodeGroup<TCodes, TBits, ValueOrder>.Minimums(group, headDim) + block * CpuKvCache.GroupTokens;
                Widen(minimums, workspace.ValueMinimums + start);
            }
        }

        var padded = AttentionWorkspace.PadTokens(count);
        for (var i = count; i < padded; i++) target[i] = 0;
        for (var i = count; TCodes.HasMinimum && i < padded; i++) workspace.ValueMinimums[i] = 0;
    }

    /// <summary>Scales relative to the largest of the first <paramref name="visible"/> tokens, in units of a weight's code; returns what that stands for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float ScaleFor(AttentionWorkspace workspace, int visible, int count)
    {
        var largest = Int16Codes.LargestMagnitude(workspace.ValueScales, visible);
        var factor = new Vector<float>(largest > 0 ? Int16Codes.Range / largest : 0);
        for (var i = 0; i < AttentionWorkspace.PadTokens(count); i += Vector<float>.Count)
            (Vector.Load(workspace.ValueScales + i) * factor).Store(workspace.WeightScales + i);
        return largest / Int16Codes.Range;
    }

    /// <summary>A group's f16 numbers as f32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widen(ushort* numbers, float* target)
    {
        for (var i = 0; i < CpuKvCache.GroupTokens; i += Vector<float>.Count) VectorLoad.WidenHalf(numbers + i).Store(target + i);
    }

    /// <summary>A row's weights of the tile's tokens, probability times scale as int16, and what bias and minimums make of them, to place <paramref name="place"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Weigh(AttentionWorkspace workspace, int row, int count, int place)
    {
        var probabilities = workspace.Scores + row * AttentionWorkspace.TileTokens;
        var scales = workspace.WeightScales;
        var weights = workspace.Weights + place * AttentionWorkspace.TileTokens;
        var (sum, minimum) = (Vector<int>.Zero, Vector<float>.Zero);
        var padded = AttentionWorkspace.PadTokens(count);
        for (var i = 0; i < padded; i += Vector<short>.Count)
        {
            var low = Vector.Load(probabilities + i) * Vector.Load(scales + i);
            var high = Vector.Load(probabilities + i + Vector<float>.Count) * Vector.Load(scales + i + Vector<float>.Count);
            var codes = Int16Codes.Round(low, high);
            codes.Store(weights + i);
            if (TCodes.Bias != 0) sum += PairProduct.MultiplyAddAdjacent(codes, Vector<short>.One);
        }

        for (var i = 0; TCodes.HasMinimum && i < padded; i += Vector<float>.Count)
            minimum = Vector.MultiplyAddEstimate(Vector.Load(probabilities + i), Vector.Load(workspace.ValueMinimums + i), minimum);
        if (TCodes.Bias != 0) workspace.WeightSums[place] = Vector.Sum(sum);
        if (TCodes.HasMinimum) workspace.WeightMinimums[place] = Vector.Sum(minimum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AccumulateRows4(AttentionWorkspace workspace, int row, int block, int count)
    {
        var width = workspace.PaddedDim;
        nint stride = workspace.HeadDim / RunElements * TBits.RunBytes;
        var weights = (int*)workspace.Weights;
        var sums = workspace.WeightSums;
        var units = workspace.WeightUnits;
        var minimums = workspace.WeightMinimums;
        var groups = workspace.ValueGroups;
        var keep = workspace.Keep + row;
        var weight = workspace.Weight + row;
        var output = workspace.Output + row * width;
        for (var lane = block * ICodeFormat.BlockSize; lane < (block + 1) * ICodeFormat.BlockSize; lane += Lanes.Step)
        {
            Vector<int> s00 = default, s10 = default, s20 = default, s30 = default;
            if (TCodes.Bias != 0)
            {
                s00 = new Vector<int>(-TCodes.Bias * sums[0]);
                s10 = new Vector<int>(-TCodes.Bias * sums[1]);
                s20 = new Vector<int>(-TCodes.Bias * sums[2]);
                s30 = new Vector<int>(-TCodes.Bias * sums[3]);
            }

            var (s01, s11, s21, s31) = (s00, s10, s20, s30);
            nint run = lane / RunElements * TBits.RunBytes;
            for (nint group = 0; group * CpuKvCache.GroupTokens < count; group++)
            {
                var w = weights + group * GroupPairs;
                CodeProduct<TBits>.Rows4(
                    groups[group] + run, stride, lane % RunElements, CpuKvCache.GroupTokens / RunTokens,
                    w, w + AttentionWorkspace.TileTokens / 2, w + AttentionWorkspace.TileTokens, w + 3 * AttentionWorkspace.TileTokens / 2,
                    ref s00, ref s01, ref s10, ref s11, ref s20, ref s21, ref s30, ref s31);
            }

            Add(output + lane, keep[0], s00, s01, units[0], weight[0], minimums);
            Add(output + width + lane, keep[1], s10, s11, units[1], weight[1], minimums + 1);
            Add(output + 2 * width + lane, keep[2], s20, s21, units[2], weight[2], minimums + 2);
            Add(output + 3 * width + lane, keep[3], s30, s31, units[3], weight[3], minimums + 3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AccumulateRow(AttentionWorkspace workspace, int row, int block, int count)
    {
        nint stride = workspace.HeadDim / RunElements * TBits.RunBytes;
        for (var lane = block * ICodeFormat.BlockSize; lane < (block + 1) * ICodeFormat.BlockSize; lane += Lanes.Step)
        {
            var s0 = TCodes.Bias == 0 ? default : new Vector<int>(-TCodes.Bias * workspace.WeightSums[0]);
            var s1 = s0;
            for (var group = 0; group * CpuKvCache.GroupTokens < count; group++)
            {
                CodeProduct<TBits>.Row(
                    workspace.ValueGroups[group] + lane / RunElements * TBits.RunBytes, stride, lane % RunElements,
                    CpuKvCache.GroupTokens / RunTokens, (int*)workspace.Weights + group * GroupPairs, ref s0, ref s1);
            }

            var output = workspace.Output + row * workspace.PaddedDim + lane;
            Add(output, workspace.Keep[row], s0, s1, workspace.WeightUnits[0], workspace.Weight[row], workspace.WeightMinimums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* output, float keep, Vector<int> left, Vector<int> right, float unit, float weight, float* minimum)
    {
        var (scale, kept) = (new Vector<float>(unit * weight), new Vector<float>(keep));
        var (addLeft, addRight) = (Vector.ConvertToSingle(left) * scale, Vector.ConvertToSingle(right) * scale);
        if (TCodes.HasMinimum)
        {
            addLeft += new Vector<float>(*minimum * weight);
            addRight += new Vector<float>(*minimum * weight);
        }

        var newLeft = Vector.MultiplyAddEstimate(Vector.Load(output), kept, addLeft);
        var newRight = Vector.MultiplyAddEstimate(Vector.Load(output + Lanes.Right), kept, addRight);
        newLeft.Store(output);
        newRight.Store(output + Lanes.Right);
    }
}
