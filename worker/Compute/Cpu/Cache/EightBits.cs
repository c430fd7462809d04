using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Cluster.Compute.Cpu.Vectors;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>Signed bytes. A run: the first pairs of all lanes, then the second ones.</summary>
internal readonly unsafe struct EightBits : ICodeBits
{
    private const int HalfBytes = ICodeBits.RunCodes / 2;

    public static int RunBytes => ICodeBits.RunCodes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* run, int lane, out Vector<short> first, out Vector<short> second)
    {
        first = VectorLoad.WidenSigned((sbyte*)run + 2 * lane);
        second = VectorLoad.WidenSigned((sbyte*)run + 2 * lane + HalfBytes);
    }

    public static void Unpack(byte* packed, byte* codes) => Unsafe.CopyBlockUnaligned(codes, packed, ICodeFormat.BlockSize);

    public static void Pack(byte* codes, byte* packed) => Unsafe.CopyBlockUnaligned(packed, codes, ICodeFormat.BlockSize);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreLane(byte* run, int lane, uint members)
    {
        ((ushort*)run)[lane] = (ushort)members;
        ((ushort*)(run + HalfBytes))[lane] = (ushort)(members >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LoadLane(byte* run, int lane) => ((ushort*)run)[lane] | (uint)((ushort*)(run + HalfBytes))[lane] << 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMember(byte* run, int member, Vector128<byte> lanes) =>
        PairedLanes.Store(run + (member >> 1) * HalfBytes, lanes, byte.MaxValue, (member & 1) * 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadMember(byte* run, int member) =>
        PairedLanes.Load(run + (member >> 1) * HalfBytes, byte.MaxValue, (member & 1) * 8);
}
