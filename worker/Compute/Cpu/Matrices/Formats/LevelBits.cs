using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Isa;
using Cluster.Compute.Cpu.Matrices.Packing;

namespace Cluster.Compute.Cpu.Matrices.Formats;

/// <summary>Takes levels out of packed bits; all counts are constants where it is used, so that nothing is computed from them.</summary>
internal static unsafe class LevelBits<TIsa, TVector>
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
{
    /// <summary>The low and the high nibbles of the vector at <paramref name="offset"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Nibbles(byte* block, int offset, out TVector low, out TVector high)
    {
        var both = TIsa.Load(block, offset);
        low = TIsa.AndByte(both, 0x0f);
        high = TIsa.AndByte(TIsa.ShiftRight(both, 4), 0x0f);
    }

    /// <summary>Nibbles with bits <paramref name="quarter"/> and <paramref name="quarter"/> + 4 of the plane as bit 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FiveBits(byte* block, int nibbles, int plane, int quarter, out TVector low, out TVector high)
    {
        Nibbles(block, nibbles + quarter * PanelLanes.VectorBytes, out low, out high);
        var bits = TIsa.Load(block, plane);
        low = TIsa.Or(low, TIsa.AndByte(TIsa.ShiftLeft(bits, 4 - quarter), 0x10));
        high = TIsa.Or(high, TIsa.AndByte(quarter == 0 ? bits : TIsa.ShiftRight(bits, quarter), 0x10));
    }

    /// <summary>Nibbles with bits 2 · <paramref name="quarter"/> and the next of two planes as bits 4 and 5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SixBits(byte* block, int nibbles, int planes, int quarter, out TVector low, out TVector high)
    {
        Nibbles(block, nibbles + quarter * PanelLanes.VectorBytes, out low, out high);
        low = TIsa.Or(low, PairOf(block, planes, quarter));
        high = TIsa.Or(high, PairOf(block, planes + PanelLanes.VectorBytes, quarter));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector PairOf(byte* block, int plane, int quarter)
    {
        var bits = TIsa.Load(block, plane);
        var moved = quarter switch
        {
            < 2 => TIsa.ShiftLeft(bits, 4 - 2 * quarter),
            2 => bits,
            _ => TIsa.ShiftRight(bits, 2 * quarter - 4),
        };
        return TIsa.AndByte(moved, 0x30);
    }
}
