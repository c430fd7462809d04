using System.Runtime.CompilerServices;
using Cluster.Compute.Cpu.Matrices.Isa;
using Cluster.Compute.Cpu.Matrices.Packing;

namespace Cluster.Compute.Cpu.Matrices.Formats;

/// <summary>Takes levels out of packed bits; all counts are constants where it is used, so that nothing is computed from them.</summary>
internal static unsafe class LevelBits<TIsa, TVector>
    where TIsa : IPanelIsa<TVector>
    where TVector : struct
{
    /// <summary>The low and the high nibbles of a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Nibbles(byte* source, out TVector low, out TVector high)
    {
        var mask = TIsa.BroadcastByte(0x0f);
        var both = TIsa.Load(source);
        low = TIsa.And(both, mask);
        high = TIsa.And(TIsa.ShiftRight(both, 4), mask);
    }

    /// <summary>Nibbles with bits <paramref name="quarter"/> and <paramref name="quarter"/> + 4 of the plane as bit 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FiveBits(byte* nibbles, byte* plane, int quarter, out TVector low, out TVector high)
    {
        Nibbles(nibbles + quarter * PanelLanes.VectorBytes, out low, out high);
        var mask = TIsa.BroadcastByte(0x10);
        var bits = TIsa.Load(plane);
        low = TIsa.Or(low, TIsa.And(TIsa.ShiftLeft(bits, 4 - quarter), mask));
        high = TIsa.Or(high, TIsa.And(quarter == 0 ? bits : TIsa.ShiftRight(bits, quarter), mask));
    }

    /// <summary>Nibbles with bits 2 · <paramref name="quarter"/> and the next of two planes as bits 4 and 5.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SixBits(byte* nibbles, byte* planes, int quarter, out TVector low, out TVector high)
    {
        Nibbles(nibbles + quarter * PanelLanes.VectorBytes, out low, out high);
        low = TIsa.Or(low, PairOf(planes, quarter));
        high = TIsa.Or(high, PairOf(planes + PanelLanes.VectorBytes, quarter));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector PairOf(byte* plane, int quarter)
    {
        var bits = TIsa.Load(plane);
        var moved = quarter switch
        {
            < 2 => TIsa.ShiftLeft(bits, 4 - 2 * quarter),
            2 => bits,
            _ => TIsa.ShiftRight(bits, 2 * quarter - 4),
        };
        return TIsa.And(moved, TIsa.BroadcastByte(0x30));
    }
}
