using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Activations;
using Cluster.Compute.Cpu.Matrices.Formats;
using Cluster.Compute.Cpu.Matrices.Isa;
using Cluster.Compute.Cpu.Matrices.Packing;

namespace Cluster.Compute.Cpu.Matrices.Kernels;

/// <summary>
/// Unpacked blocks of sixteen rows times the records of four tokens. All integer sums of a block stay in registers (8 of the 16 that AVX2
/// has); the f32 sums are in memory, where a block touches them once.
/// </summary>
internal static unsafe class TileProduct<TIsa, TVector, TFormat>
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
    where TFormat : IBlockFormat<TIsa, TVector>
{
    private const int Tokens = ActivationRecord.TileTokens;
    private const int RecordBytes = Tokens * ActivationRecord.BytesPerToken;
    private const int GroupBytes = 4 * Tokens;
    private const int Groups = 8;

    /// <summary>Adds the products of <paramref name="blocks"/> blocks to <paramref name="sums"/>[4][16].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Add(byte* unpacked, int blocks, byte* records, float* sums)
    {
        for (var b = 0; b < blocks; b++)
        {
            if (TFormat.Levels == LevelKind.SixBit) AddSixBit(unpacked, records, sums);
            else if (TFormat.Levels == LevelKind.Signed) AddSigned(unpacked, records, sums);
            else AddLevels(unpacked, records, sums);
            unpacked += UnpackedBlock.Bytes;
            records += RecordBytes;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddLevels(byte* block, byte* record, float* sums)
    {
        TVector p0, p1, p2, p3;
        if (TFormat.Levels == LevelKind.FiveBit)
        {
            p0 = Start(record, 0);
            p1 = Start(record, 1);
            p2 = Start(record, 2);
            p3 = Start(record, 3);
        }
        else
        {
            p0 = p1 = p2 = p3 = TIsa.Zero;
        }

        for (var g = 0; g < Groups; g++)
        {
            var levels = TIsa.Load(block + g * PanelLanes.VectorBytes);
            var codes = record + g * GroupBytes;
            p0 = TIsa.MultiplyAddLevels(p0, levels, codes);
            p1 = TIsa.MultiplyAddLevels(p1, levels, codes + 4);
            p2 = TIsa.MultiplyAddLevels(p2, levels, codes + 8);
            p3 = TIsa.MultiplyAddLevels(p3, levels, codes + 12);
        }

        AddToken(block, record, 0, TIsa.SumLevels(p0), sums);
        AddToken(block, record, 1, TIsa.SumLevels(p1), sums);
        AddToken(block, record, 2, TIsa.SumLevels(p2), sums);
        AddToken(block, record, 3, TIsa.SumLevels(p3), sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSixBit(byte* block, byte* record, float* sums)
    {
        var p0 = HalfStart(record, ActivationRecord.FirstStart, 0);
        var p1 = HalfStart(record, ActivationRecord.FirstStart, 1);
        var p2 = HalfStart(record, ActivationRecord.FirstStart, 2);
        var p3 = HalfStart(record, ActivationRecord.FirstStart, 3);
        for (var g = 0; g < Groups / 2; g++)
        {
            var levels = TIsa.Load(block + g * PanelLanes.VectorBytes);
            var codes = record + g * GroupBytes;
            p0 = TIsa.MultiplyAddLevels(p0, levels, codes);
            p1 = TIsa.MultiplyAddLevels(p1, levels, codes + 4);
            p2 = TIsa.MultiplyAddLevels(p2, levels, codes + 8);
            p3 = TIsa.MultiplyAddLevels(p3, levels, codes + 12);
        }

        var factors = TIsa.Load(block + UnpackedBlock.FirstHalfScale);
        var s0 = TIsa.SumScaledLevels(p0, factors);
        var s1 = TIsa.SumScaledLevels(p1, factors);
        var s2 = TIsa.SumScaledLevels(p2, factors);
        var s3 = TIsa.SumScaledLevels(p3, factors);

        p0 = HalfStart(record, ActivationRecord.SecondStart, 0);
        p1 = HalfStart(record, ActivationRecord.SecondStart, 1);
        p2 = HalfStart(record, ActivationRecord.SecondStart, 2);
        p3 = HalfStart(record, ActivationRecord.SecondStart, 3);
        for (var g = Groups / 2; g < Groups; g++)
        {
            var levels = TIsa.Load(block + g * PanelLanes.VectorBytes);
            var codes = record + g * GroupBytes;
            p0 = TIsa.MultiplyAddLevels(p0, levels, codes);
            p1 = TIsa.MultiplyAddLevels(p1, levels, codes + 4);
            p2 = TIsa.MultiplyAddLevels(p2, levels, codes + 8);
            p3 = TIsa.MultiplyAddLevels(p3, levels, codes + 12);
        }

        factors = TIsa.Load(block + UnpackedBlock.SecondHalfScale);
        AddToken(block, record, 0, TIsa.Add(s0, TIsa.SumScaledLevels(p0, factors)), sums);
        AddToken(block, record, 1, TIsa.Add(s1, TIsa.SumScaledLevels(p1, factors)), sums);
        AddToken(block, record, 2, TIsa.Add(s2, TIsa.SumScaledLevels(p2, factors)), sums);
        AddToken(block, record, 3, TIsa.Add(s3, TIsa.SumScaledLevels(p3, factors)), sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSigned(byte* block, byte* record, float* sums)
    {
        TVector p0, p1, p2, p3;
        p0 = p1 = p2 = p3 = TIsa.Zero;
        for (var g = 0; g < Groups; g++)
        {
            var weights = TIsa.Load(block + g * PanelLanes.VectorBytes);
            var magnitudes = TIsa.Magnitude(weights);
            var codes = record + g * GroupBytes;
            p0 = TIsa.MultiplyAddSigned(p0, weights, magnitudes, codes);
            p1 = TIsa.MultiplyAddSigned(p1, weights, magnitudes, codes + 4);
            p2 = TIsa.MultiplyAddSigned(p2, weights, magnitudes, codes + 8);
            p3 = TIsa.MultiplyAddSigned(p3, weights, magnitudes, codes + 12);
        }

        AddToken(block, record, 0, p0, sums);
        AddToken(block, record, 1, p1, sums);
        AddToken(block, record, 2, p2, sums);
        AddToken(block, record, 3, p3, sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Start(byte* record, int token) => TIsa.Start(
        record + ActivationRecord.FirstStart * Tokens + 4 * token, record + ActivationRecord.SecondStart * Tokens + 4 * token);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector HalfStart(byte* record, int half, int token) =>
        TIsa.Start(record + half * Tokens + 4 * token, record + half * Tokens + 4 * token);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddToken(byte* block, byte* record, int token, TVector product, float* sums)
    {
        sums += token * PanelPacker.Rows;
        var scale = TIsa.Load(block + UnpackedBlock.Scale);
        var activationScale = TIsa.Broadcast(record + ActivationRecord.Scale * Tokens + 4 * token);
        var centre = record + ActivationRecord.Centre * Tokens + 4 * token;
        var value = TIsa.ToFloat(product);
        value = TFormat.Offset == OffsetKind.Centre
            ? TIsa.MultiplyAdd(value, activationScale, TIsa.Broadcast(centre))
            : TIsa.Multiply(value, activationScale);
        var sum = TIsa.MultiplyAdd(scale, value, TIsa.Load(sums));
        if (TFormat.Offset == OffsetKind.Minimum)
        {
            sum = TIsa.MultiplyAdd(TIsa.Load(block + UnpackedBlock.Minimum), TIsa.Broadcast(centre), sum);
        }

        TIsa.Store(sums, sum);
    }
}
