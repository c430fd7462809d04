using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>Sixteen 16-bit lanes that hold several codes each: one code of every lane at a time.</summary>
internal static unsafe class PairedLanes
{
    /// <summary>Replaces the code under <paramref name="mask"/>, moved up by <paramref name="shift"/>, in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(byte* lanes, Vector128<byte> codes, int mask, int shift)
    {
        var high = lanes + Vector128<byte>.Count;
        var others = Vector128.Create((ushort)~(mask << shift));
        (Vector128.Load(lanes).AsUInt16() & others | Vector128.WidenLower(codes) << shift).AsByte().Store(lanes);
        (Vector128.Load(high).AsUInt16() & others | Vector128.WidenUpper(codes) << shift).AsByte().Store(high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(byte* lanes, int mask, int shift)
    {
        var code = Vector128.Create((ushort)mask);
        var (low, high) = (Vector128.Load(lanes).AsUInt16(), Vector128.Load(lanes + Vector128<byte>.Count).AsUInt16());
        return Vector128.Narrow(low >>> shift & code, high >>> shift & code);
    }
}
