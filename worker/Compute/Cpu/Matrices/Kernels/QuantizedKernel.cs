using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Activations;
using Cluster.Compute.Cpu.Matrices.Formats;
using Cluster.Compute.Cpu.Matrices.Isa;
using Cluster.Compute.Cpu.Matrices.Packing;

namespace Cluster.Compute.Cpu.Matrices.Kernels;

/// <summary>
/// Block formats times int8 activations. One token: levels are unpacked and multiplied as the panel streams by. Several: eight blocks at
/// a time are unpacked to bytes once and then multiplied with every tile of four tokens.
/// </summary>
internal sealed unsafe class QuantizedKernel<TIsa, TVector, TFormat> : PanelKernel
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
    where TFormat : IBlockFormat<TIsa, TVector>
{
    /// <summary>
    /// How far ahead of its use the panel is asked for: out-of-order execution alone sees but two blocks ahead. Measured; from 1 KiB to
    /// 2 KiB it is much the same.
    /// </summary>
    private const int PrefetchBytes = 1536;

    /// <summary>The next blocks but some, while these are being multiplied.</summary>
    private const int UnpackPrefetchBytes = 4096;

    private const int ChunkBlocks = 8;
    private const int RowBytes = PanelPacker.Rows * sizeof(float);
    private const int Tile = ActivationRecord.TileTokens;

    public override ActivationForm VectorForm => ActivationForm.Records;

    public override ActivationForm TileForm => ActivationForm.Records;

    public override int ScratchBytes => ChunkBlocks * UnpackedBytes;

    private static int UnpackedBytes => TFormat.Levels == LevelKind.Signed ? UnpackedBlock.SignedBytes : UnpackedBlock.Bytes;

    // Compiled at full speed at once: the first step of a worker is a prefill, which would else run mostly in unoptimized code. Not
    // inlined: where a process meets one format only, the runtime would put this into its caller, whose inlining budget it exceeds.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void MultiplyVector(byte* panel, int columns, byte* activations, float start, float factor, byte* sums)
    {
        var table = TFormat.Table;
        var result = factor * TFormat.ResultFactor;
        var sum = TIsa.BroadcastFloat(start / result);
        var headers = columns / (PanelLanes.BlockColumns * TFormat.HeaderBlocks);
        for (var h = 0; h < headers; h++)
        {
            var headerScale = TFormat.HeaderScale(panel);
            var headerMinimum = TFormat.HeaderMinimum(panel);
            panel += TFormat.HeaderBytes;
            for (var b = 0; b < TFormat.HeaderBlocks; b++)
            {
                PrefetchOnce(panel);
                sum = AddBlock(panel, headerScale, headerMinimum, table, activations, sum);
                panel += TFormat.BlockBytes;
                activations += ActivationRecord.BytesPerToken;
            }
        }

        TIsa.Store(sums, 0, TIsa.Multiply(sum, TIsa.BroadcastFloat(result)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void MultiplyTile(
        byte* panel, int columns, byte* activations, float* starts, int tokens, float factor, byte* scratch, byte* sums)
    {
        var tiles = (tokens + Tile - 1) / Tile;
        for (var t = 0; t < tiles * Tile; t++)
        {
            TIsa.Store(sums, t * RowBytes, TIsa.BroadcastFloat(StartOf(starts, t, tokens)));
        }

        var blocks = columns / PanelLanes.BlockColumns;
        long tileBytes = (long)blocks * Tile * ActivationRecord.BytesPerToken;
        for (var first = 0; first < blocks; first += ChunkBlocks)
        {
            var count = Math.Min(ChunkBlocks, blocks - first);
            panel = Unpack(panel, count, factor, scratch);
            var records = activations + (long)first * Tile * ActivationRecord.BytesPerToken;
            for (var t = 0; t < tiles; t++)
            {
                TileProduct<TIsa, TVector, TFormat>.Add(scratch, count, records + t * tileBytes, sums + t * Tile * RowBytes);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchOnce(byte* panel)
    {
        // Blocks are 288 to 544 bytes long.
        TIsa.PrefetchOnce(panel, PrefetchBytes);
        TIsa.PrefetchOnce(panel, PrefetchBytes + 64);
        TIsa.PrefetchOnce(panel, PrefetchBytes + 128);
        TIsa.PrefetchOnce(panel, PrefetchBytes + 192);
        TIsa.PrefetchOnce(panel, PrefetchBytes + 256);
        if (TFormat.BlockBytes > 320) TIsa.PrefetchOnce(panel, PrefetchBytes + 320);
        if (TFormat.BlockBytes > 384) TIsa.PrefetchOnce(panel, PrefetchBytes + 384);
        if (TFormat.BlockBytes > 448) TIsa.PrefetchOnce(panel, PrefetchBytes + 448);
        if (TFormat.BlockBytes > 512) TIsa.PrefetchOnce(panel, PrefetchBytes + 512);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector AddBlock(
        byte* block, TVector headerScale, TVector headerMinimum, TVector table, byte* record, TVector sum)
    {
        var blockScale = TFormat.Scale(block, headerScale);
        var scale = SumGrid.NeverHalfway<TIsa, TVector>(blockScale);
        var product = TIsa.ToFloat(BlockProduct(block, table, record));
        var activationScale = TIsa.Broadcast(record, ActivationRecord.Scale);
        if (TFormat.Offset == OffsetKind.Centre)
        {
            var centred = TIsa.MultiplyAdd(product, activationScale, TIsa.Broadcast(record, ActivationRecord.Centre));
            return TIsa.MultiplyAdd(scale, centred, sum);
        }

        if (TFormat.Offset == OffsetKind.Minimum)
        {
            var minimum = TFormat.Minimum(block, headerMinimum, blockScale);
            sum = TIsa.MultiplyAdd(minimum, TIsa.Broadcast(record, ActivationRecord.Centre), sum);
        }

        return TIsa.MultiplyAdd(scale, TIsa.Multiply(product, activationScale), sum);
    }

    /// <summary>int32 sums of levels times codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector BlockProduct(byte* block, TVector table, byte* record)
    {
        TVector first, second;
        if (TFormat.Levels == LevelKind.FourBit)
        {
            TFormat.Unpack(block, 0, table, out var low, out var high);
            first = TIsa.MultiplyLevels(low, record, 0);
            second = TIsa.MultiplyLevels(high, record, 16);
        }
        else
        {
            first = FirstStart(record);
            second = SecondStart(record);
            AddQuarter(block, 0, table, record, ref first, ref second);
        }

        AddQuarter(block, 1, table, record, ref first, ref second);
        AddQuarter(block, 2, table, record, ref first, ref second);
        AddQuarter(block, 3, table, record, ref first, ref second);
        return TFormat.Levels switch
        {
            LevelKind.Signed => TIsa.Add(first, second),
            LevelKind.SixBit => TIsa.Add(
                TIsa.SumScaledLevels(first, TFormat.HalfScale(block, 0)), TIsa.SumScaledLevels(second, TFormat.HalfScale(block, 1))),
            _ => TIsa.SumLevels(TIsa.AddSums(first, second)),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector FirstStart(byte* record) => TFormat.Levels switch
    {
        LevelKind.FiveBit => TIsa.Start(record, ActivationRecord.Start),
        LevelKind.SixBit => TIsa.Start(record, ActivationRecord.FirstStart),
        _ => TIsa.Zero,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector SecondStart(byte* record) =>
        TFormat.Levels == LevelKind.SixBit ? TIsa.Start(record, ActivationRecord.SecondStart) : TIsa.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddQuarter(byte* block, int quarter, TVector table, byte* record, ref TVector first, ref TVector second)
    {
        TFormat.Unpack(block, quarter, table, out var low, out var high);
        var near = 4 * quarter;
        var far = near + 16;
        if (TFormat.Levels == LevelKind.Signed)
        {
            first = TIsa.MultiplyAddWeights(first, low, record, near);
            second = TIsa.MultiplyAddWeights(second, high, record, far);
        }
        else
        {
            first = TIsa.MultiplyAddLevels(first, low, record, near);
            second = TIsa.MultiplyAddLevels(second, high, record, far);
        }
    }

    /// <summary>Unpacks blocks to <see cref="UnpackedBlock"/>s; returns where the next ones begin.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static byte* Unpack(byte* panel, int blocks, float factor, byte* target)
    {
        var factors = TIsa.BroadcastFloat(factor * TFormat.ResultFactor);
        var table = TFormat.Table;
        for (var b = 0; b < blocks; b += TFormat.HeaderBlocks)
        {
            var headerScale = TFormat.HeaderScale(panel);
            var headerMinimum = TFormat.HeaderMinimum(panel);
            panel += TFormat.HeaderBytes;
            for (var i = 0; i < TFormat.HeaderBlocks; i++)
            {
                for (var line = 0; line < TFormat.BlockBytes; line += 64) TIsa.Prefetch(panel, line + UnpackPrefetchBytes);
                UnpackQuarter(panel, 0, table, target);
                UnpackQuarter(panel, 1, table, target);
                UnpackQuarter(panel, 2, table, target);
                UnpackQuarter(panel, 3, table, target);
                var scale = TFormat.Scale(panel, headerScale);
                TIsa.Store(target, UnpackedBlock.Scale, TIsa.Multiply(SumGrid.NeverHalfway<TIsa, TVector>(scale), factors));
                if (TFormat.Offset == OffsetKind.Minimum)
                {
                    TIsa.Store(target, UnpackedBlock.Minimum, TIsa.Multiply(TFormat.Minimum(panel, headerMinimum, scale), factors));
                }

                if (TFormat.Levels == LevelKind.SixBit)
                {
                    TIsa.Store(target, UnpackedBlock.HalfScales, TFormat.HalfScale(panel, 0));
                    TIsa.Store(target, UnpackedBlock.HalfScales + PanelLanes.VectorBytes, TFormat.HalfScale(panel, 1));
                }

                panel += TFormat.BlockBytes;
                target += UnpackedBytes;
            }
        }

        return panel;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void UnpackQuarter(byte* block, int quarter, TVector table, byte* target)
    {
        TFormat.Unpack(block, quarter, table, out var first, out var second);
        if (TFormat.Levels == LevelKind.Signed)
        {
            UnpackSigned(first, quarter, target);
            UnpackSigned(second, quarter + 4, target);
        }
        else
        {
            TIsa.Store(target, quarter * PanelLanes.VectorBytes, first);
            TIsa.Store(target, (quarter + 4) * PanelLanes.VectorBytes, second);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void UnpackSigned(TVector weights, int group, byte* target)
    {
        var magnitudes = TIsa.Magnitude(weights);
        var signs = TIsa.Signs(weights);
        TIsa.Store(target, group * PanelLanes.VectorBytes, magnitudes);
        TIsa.Store(target, UnpackedBlock.Signs + group * PanelLanes.VectorBytes, signs);
        var negatives = group == 0 ? TIsa.Zero : TIsa.Load(target, UnpackedBlock.Negatives);
        TIsa.Store(target, UnpackedBlock.Negatives, TIsa.AddNegatives(negatives, magnitudes, signs));
    }
}
