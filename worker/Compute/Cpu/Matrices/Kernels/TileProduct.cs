using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Activations;
using Cluster.Compute.Cpu.Matrices.Formats;
using Cluster.Compute.Cpu.Matrices.Isa;
using Cluster.Compute.Cpu.Matrices.Packing;

namespace Cluster.Compute.Cpu.Matrices.Kernels;

/// <summary>
/// Unpacked blocks of sixteen rows times the records of four tokens. All integer sums of a block stay in registers (8 of the 16 that AVX2
/// has); the f32 sums are in memory, where a block touches them once. The speed is that of instruction issue, hence written out.
/// </summary>
internal static unsafe class TileProduct<TIsa, TVector, TFormat>
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
    where TFormat : IBlockFormat<TIsa, TVector>
{
    private const int Tokens = ActivationRecord.TileTokens;
    private const int RecordBytes = Tokens * ActivationRecord.BytesPerToken;
    private const int GroupBytes = 4 * Tokens;

    /// <summary>Adds the products of <paramref name="blocks"/> blocks to f32 <paramref name="sums"/>[4][16].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(byte* unpacked, int blocks, byte* records, byte* sums)
    {
        if (TFormat.Levels == LevelKind.SixBit) AddSixBit(unpacked, blocks, records, sums);
        else if (TFormat.Levels == LevelKind.Signed) AddSigned(unpacked, blocks, records, sums);
        else AddLevels(unpacked, blocks, records, sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddLevels(byte* unpacked, int blocks, byte* records, byte* sums)
    {
        for (var b = 0; b < blocks; b++, unpacked += UnpackedBlock.Bytes, records += RecordBytes)
        {
            TVector p0, p1, p2, p3;
            if (TFormat.Levels == LevelKind.FiveBit)
            {
                p0 = Start(records, ActivationRecord.Start, 0);
                p1 = Start(records, ActivationRecord.Start, 1);
                p2 = Start(records, ActivationRecord.Start, 2);
                p3 = Start(records, ActivationRecord.Start, 3);
                AddGroup(unpacked, records, 0, ref p0, ref p1, ref p2, ref p3);
            }
            else
            {
                var levels = TIsa.Load(unpacked, 0);
                p0 = TIsa.MultiplyLevels(levels, records, 0);
                p1 = TIsa.MultiplyLevels(levels, records, 4);
                p2 = TIsa.MultiplyLevels(levels, records, 8);
                p3 = TIsa.MultiplyLevels(levels, records, 12);
            }

            AddGroup(unpacked, records, 1, ref p0, ref p1, ref p2, ref p3);
            var group = unpacked;
            var codes = records;
            for (var i = 0; i < 3; i++)
            {
                group += 2 * PanelLanes.VectorBytes;
                codes += 2 * GroupBytes;
                AddGroup(group, codes, 0, ref p0, ref p1, ref p2, ref p3);
                AddGroup(group, codes, 1, ref p0, ref p1, ref p2, ref p3);
            }

            AddToken(unpacked, records, 0, TIsa.SumLevels(p0), sums);
            AddToken(unpacked, records, 1, TIsa.SumLevels(p1), sums);
            AddToken(unpacked, records, 2, TIsa.SumLevels(p2), sums);
            AddToken(unpacked, records, 3, TIsa.SumLevels(p3), sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddSixBit(byte* unpacked, int blocks, byte* records, byte* sums)
    {
        for (var b = 0; b < blocks; b++, unpacked += UnpackedBlock.Bytes, records += RecordBytes)
        {
            TVector s0, s1, s2, s3;
            s0 = s1 = s2 = s3 = TIsa.Zero;
            var group = unpacked;
            var codes = records;
            for (var half = 0; half < 2; half++)
            {
                var p0 = Start(records, ActivationRecord.FirstStart + 4 * half, 0);
                var p1 = Start(records, ActivationRecord.FirstStart + 4 * half, 1);
                var p2 = Start(records, ActivationRecord.FirstStart + 4 * half, 2);
                var p3 = Start(records, ActivationRecord.FirstStart + 4 * half, 3);
                AddGroup(group, codes, 0, ref p0, ref p1, ref p2, ref p3);
                AddGroup(group, codes, 1, ref p0, ref p1, ref p2, ref p3);
                AddGroup(group, codes, 2, ref p0, ref p1, ref p2, ref p3);
                AddGroup(group, codes, 3, ref p0, ref p1, ref p2, ref p3);
                group += 4 * PanelLanes.VectorBytes;
                codes += 4 * GroupBytes;

                var factors = TIsa.Load(unpacked, UnpackedBlock.HalfScales + half * PanelLanes.VectorBytes);
                s0 = TIsa.Add(s0, TIsa.SumScaledLevels(p0, factors));
                s1 = TIsa.Add(s1, TIsa.SumScaledLevels(p1, factors));
                s2 = TIsa.Add(s2, TIsa.SumScaledLevels(p2, factors));
                s3 = TIsa.Add(s3, TIsa.SumScaledLevels(p3, factors));
            }

            AddToken(unpacked, records, 0, s0, sums);
            AddToken(unpacked, records, 1, s1, sums);
            AddToken(unpacked, records, 2, s2, sums);
            AddToken(unpacked, records, 3, s3, sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddSigned(byte* unpacked, int blocks, byte* records, byte* sums)
    {
        for (var b = 0; b < blocks; b++, unpacked += UnpackedBlock.SignedBytes, records += RecordBytes)
        {
            TVector p0, p1, p2, p3;
            p0 = p1 = p2 = p3 = TIsa.Load(unpacked, UnpackedBlock.Negatives);
            var group = unpacked;
            var codes = records;
            for (var i = 0; i < 8; i++, group += PanelLanes.VectorBytes, codes += GroupBytes)
            {
                var magnitudes = TIsa.Load(group, 0);
                var signs = TIsa.Load(group, UnpackedBlock.Signs);
                p0 = TIsa.MultiplyAddSigned(p0, magnitudes, signs, codes, 0);
                p1 = TIsa.MultiplyAddSigned(p1, magnitudes, signs, codes, 4);
                p2 = TIsa.MultiplyAddSigned(p2, magnitudes, signs, codes, 8);
                p3 = TIsa.MultiplyAddSigned(p3, magnitudes, signs, codes, 12);
            }

            AddToken(unpacked, records, 0, p0, sums);
            AddToken(unpacked, records, 1, p1, sums);
            AddToken(unpacked, records, 2, p2, sums);
            AddToken(unpacked, records, 3, p3, sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddGroup(
        byte* block, byte* record, int group, ref TVector p0, ref TVector p1, ref TVector p2, ref TVector p3)
    {
        var levels = TIsa.Load(block, group * PanelLanes.VectorBytes);
        p0 = TIsa.MultiplyAddLevels(p0, levels, record, group * GroupBytes);
        p1 = TIsa.MultiplyAddLevels(p1, levels, record, group * GroupBytes + 4);
        p2 = TIsa.MultiplyAddLevels(p2, levels, record, group * GroupBytes + 8);
        p3 = TIsa.MultiplyAddLevels(p3, levels, record, group * GroupBytes + 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Start(byte* record, int start, int token) => TIsa.Start(record, start * Tokens + 4 * token);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddToken(byte* block, byte* record, int token, TVector product, byte* sums)
    {
        const int RowBytes = PanelPacker.Rows * sizeof(float);
        var value = TIsa.ToFloat(product);
        var activationScale = TIsa.Broadcast(record, ActivationRecord.Scale * Tokens + 4 * token);
        value = TFormat.Offset == OffsetKind.Centre
            ? TIsa.MultiplyAdd(value, activationScale, TIsa.Broadcast(record, ActivationRecord.Centre * Tokens + 4 * token))
            : TIsa.Multiply(value, activationScale);
        var scale = TIsa.Load(block, UnpackedBlock.Scale);
        if (TFormat.Offset == OffsetKind.Minimum)
        {
            var centre = TIsa.Broadcast(record, ActivationRecord.Centre * Tokens + 4 * token);
            var sum = TIsa.MultiplyAdd(TIsa.Load(block, UnpackedBlock.Minimum), centre, TIsa.Load(sums, token * RowBytes));
            TIsa.Store(sums, token * RowBytes, TIsa.MultiplyAdd(scale, value, sum));
        }
        else
        {
            TIsa.MultiplyAddInto(sums, token * RowBytes, scale, value);
        }
    }
}
