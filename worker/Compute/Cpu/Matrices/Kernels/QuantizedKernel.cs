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
    private const int ChunkBlocks = 8;
    private const int Tile = ActivationRecord.TileTokens;

    public override bool ReadsRecords => true;

    public override int ScratchBytes => ChunkBlocks * UnpackedBlock.Bytes;

    // Compiled at full speed at once: the first step of a worker is a prefill, which would else run mostly in unoptimized code. Not
    // inlined: where a process meets one format only, the runtime would put this into its caller, whose inlining budget it exceeds.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void MultiplyVector(byte* panel, int columns, byte* activations, float start, float* sums)
    {
        var table = TFormat.Table;
        var sum = TIsa.BroadcastFloat(start);
        var headers = columns / (PanelLanes.BlockColumns * TFormat.HeaderBlocks);
        for (var h = 0; h < headers; h++)
        {
            var headerScale = TFormat.HeaderScale(panel);
            var headerMinimum = TFormat.HeaderMinimum(panel);
            panel += TFormat.HeaderBytes;
            for (var b = 0; b < TFormat.HeaderBlocks; b++)
            {
                sum = AddBlock(panel, headerScale, headerMinimum, table, activations, sum);
                panel += TFormat.BlockBytes;
                activations += ActivationRecord.BytesPerToken;
            }
        }

        TIsa.Store(sums, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void MultiplyTile(
        byte* panel, int columns, byte* activations, float* starts, int tokens, byte* scratch, float* sums)
    {
        var tiles = (tokens + Tile - 1) / Tile;
        for (var t = 0; t < tiles * Tile; t++)
        {
            TIsa.Store(sums + t * PanelPacker.Rows, TIsa.BroadcastFloat(StartOf(starts, t, tokens)));
        }

        var blocks = columns / PanelLanes.BlockColumns;
        long tileBytes = (long)blocks * Tile * ActivationRecord.BytesPerToken;
        for (var first = 0; first < blocks; first += ChunkBlocks)
        {
            var count = Math.Min(ChunkBlocks, blocks - first);
            panel = Unpack(panel, count, scratch);
            var records = activations + (long)first * Tile * ActivationRecord.BytesPerToken;
            for (var t = 0; t < tiles; t++)
            {
                TileProduct<TIsa, TVector, TFormat>.Add(scratch, count, records + t * tileBytes, sums + t * Tile * PanelPacker.Rows);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector AddBlock(
        byte* block, TVector headerScale, TVector headerMinimum, TVector table, byte* record, TVector sum)
    {
        var scale = TFormat.Scale(block, headerScale);
        var product = TIsa.ToFloat(BlockProduct(block, table, record));
        var activationScale = TIsa.Broadcast(record + ActivationRecord.Scale);
        if (TFormat.Offset == OffsetKind.Centre)
        {
            var centred = TIsa.MultiplyAdd(product, activationScale, TIsa.Broadcast(record + ActivationRecord.Centre));
            return TIsa.MultiplyAdd(scale, centred, sum);
        }

        sum = TIsa.MultiplyAdd(scale, TIsa.Multiply(product, activationScale), sum);
        if (TFormat.Offset == OffsetKind.Minimum)
        {
            var minimum = TFormat.Minimum(block, headerMinimum, scale);
            sum = TIsa.MultiplyAdd(minimum, TIsa.Broadcast(record + ActivationRecord.Centre), sum);
        }

        return sum;
    }

    /// <summary>int32 sums of levels times codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector BlockProduct(byte* block, TVector table, byte* record)
    {
        var first = TIsa.Zero;
        var second = TIsa.Zero;
        if (TFormat.Levels == LevelKind.FiveBit)
        {
            first = TIsa.Start(record + ActivationRecord.FirstStart, record + ActivationRecord.SecondStart);
        }
        else if (TFormat.Levels == LevelKind.SixBit)
        {
            first = TIsa.Start(record + ActivationRecord.FirstStart, record + ActivationRecord.FirstStart);
            second = TIsa.Start(record + ActivationRecord.SecondStart, record + ActivationRecord.SecondStart);
        }

        AddQuarter(block, 0, table, record, ref first, ref second);
        AddQuarter(block, 1, table, record, ref first, ref second);
        AddQuarter(block, 2, table, record, ref first, ref second);
        AddQuarter(block, 3, table, record, ref first, ref second);

        if (TFormat.Levels == LevelKind.Signed) return TIsa.Add(first, second);
        if (TFormat.Levels == LevelKind.SixBit)
        {
            return TIsa.Add(
                TIsa.SumScaledLevels(first, TFormat.HalfScale(block, 0)), TIsa.SumScaledLevels(second, TFormat.HalfScale(block, 1)));
        }

        return TIsa.SumLevels(first);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddQuarter(byte* block, int quarter, TVector table, byte* record, ref TVector first, ref TVector second)
    {
        TFormat.Unpack(block, quarter, table, out var low, out var high);
        var near = record + 4 * quarter;
        var far = near + 16;
        if (TFormat.Levels == LevelKind.Signed)
        {
            first = TIsa.MultiplyAddSigned(first, low, TIsa.Magnitude(low), near);
            second = TIsa.MultiplyAddSigned(second, high, TIsa.Magnitude(high), far);
        }
        else
        {
            first = TIsa.MultiplyAddLevels(first, low, near);
            if (TFormat.Levels == LevelKind.SixBit) second = TIsa.MultiplyAddLevels(second, high, far);
            else first = TIsa.MultiplyAddLevels(first, high, far);
        }
    }

    /// <summary>Unpacks blocks to <see cref="UnpackedBlock"/>s; returns where the next ones begin.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static byte* Unpack(byte* panel, int blocks, byte* target)
    {
        var table = TFormat.Table;
        for (var b = 0; b < blocks; b += TFormat.HeaderBlocks)
        {
            var headerScale = TFormat.HeaderScale(panel);
            var headerMinimum = TFormat.HeaderMinimum(panel);
            panel += TFormat.HeaderBytes;
            for (var i = 0; i < TFormat.HeaderBlocks; i++)
            {
                UnpackQuarter(panel, 0, table, target);
                UnpackQuarter(panel, 1, table, target);
                UnpackQuarter(panel, 2, table, target);
                UnpackQuarter(panel, 3, table, target);
                var scale = TFormat.Scale(panel, headerScale);
                TIsa.Store(target + UnpackedBlock.Scale, scale);
                if (TFormat.Offset == OffsetKind.Minimum)
                {
                    TIsa.Store(target + UnpackedBlock.Minimum, TFormat.Minimum(panel, headerMinimum, scale));
                }

                if (TFormat.Levels == LevelKind.SixBit)
                {
                    TIsa.Store(target + UnpackedBlock.FirstHalfScale, TFormat.HalfScale(panel, 0));
                    TIsa.Store(target + UnpackedBlock.SecondHalfScale, TFormat.HalfScale(panel, 1));
                }

                panel += TFormat.BlockBytes;
                target += UnpackedBlock.Bytes;
            }
        }

        return panel;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void UnpackQuarter(byte* block, int quarter, TVector table, byte* target)
    {
        TFormat.Unpack(block, quarter, table, out var first, out var second);
        TIsa.Store(target + quarter * PanelLanes.VectorBytes, first);
        TIsa.Store(target + (quarter + 4) * PanelLanes.VectorBytes, second);
    }
}
