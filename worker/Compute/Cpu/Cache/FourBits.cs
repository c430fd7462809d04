using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Cluster.Compute.Cpu.Vectors;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>Nibbles. A run: the pairs of all lanes, the first in the low nibbles of two bytes and the second in the high ones.</summary>
internal readonly unsafe struct FourBits : ICodeBits
{
    private const int Nibble = 0x0f;

    public static int RunBytes => ICodeBits.RunCodes / 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* run, int lane, out Vector<short> first, out Vector<short> second)
    {
        var both = VectorLoad.WidenUnsigned(run + 2 * lane);
        first = both & new Vector<short>(Nibble);
        second = Vector.ShiftRightLogical(both, 4);
    }

    /// <summary>Byte i of a block holds elements i and i + 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* packed, byte* codes)
    {
        var both = Vector128.Load(packed);
        (both & Vector128.Create((byte)Nibble)).Store(codes);
        (both >>> 4).Store(codes + Vector128<byte>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(byte* codes, byte* packed) =>
        (Vector128.Load(codes) | Vector128.Load(codes + Vector128<byte>.Count) << 4).Store(packed);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreLane(byte* run, int lane, uint members) => ((ushort*)run)[lane] = (ushort)(members | members >> 12);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LoadLane(byte* run, int lane)
    {
        uint both = ((ushort*)run)[lane];
        return both & 0x0f0f | (both & 0xf0f0) << 12;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMember(byte* run, int member, Vector128<byte> lanes) => PairedLanes.Store(run, lanes, Nibble, ShiftOf(member));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadMember(byte* run, int member) => PairedLanes.Load(run, Nibble, ShiftOf(member));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ShiftOf(int member) => (member & 1) * 8 + (member >> 1) * 4;
}
