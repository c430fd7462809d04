using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Cluster.Compute.Cpu.Vectors;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// Nibbles and fifth bits. A block: 32 fifth bits, then nibbles as in <see cref="FourBits"/>. A run: nibbles as there, then the fifth
/// bits of all lanes' first pairs, then those of the second.
/// </summary>
internal readonly unsafe struct FiveBits : ICodeBits
{
    private const byte Fifth = 0x10;

    public static int RunBytes => FourBits.RunBytes + 2 * sizeof(uint);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* run, int lane, out Vector<short> first, out Vector<short> second)
    {
        FourBits.Load(run, lane, out first, out second);
        var plane = run + FourBits.RunBytes + lane / 4;
        first |= BitMask.Load(plane) & new Vector<short>(Fifth);
        second |= BitMask.Load(plane + sizeof(uint)) & new Vector<short>(Fifth);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* packed, byte* codes)
    {
        FourBits.Unpack(packed + sizeof(uint), codes);
        (Vector128.Load(codes) | BitMask.Bytes(((ushort*)packed)[0]) & Vector128.Create(Fifth)).Store(codes);
        codes += Vector128<byte>.Count;
        (Vector128.Load(codes) | BitMask.Bytes(((ushort*)packed)[1]) & Vector128.Create(Fifth)).Store(codes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(byte* codes, byte* packed)
    {
        var (low, high) = (Vector128.Load(codes), Vector128.Load(codes + Vector128<byte>.Count));
        *(uint*)packed = FifthBits(low) | FifthBits(high) << 16;
        var nibble = Vector128.Create((byte)0x0f);
        (low & nibble | high << 4).Store(packed + sizeof(uint));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreLane(byte* run, int lane, uint members)
    {
        FourBits.StoreLane(run, lane, members & 0x0f0f0f0f);
        var planes = (uint*)(run + FourBits.RunBytes);
        Replace(planes, 3u << 2 * lane, (members >> 4 & 1 | members >> 11 & 2) << 2 * lane);
        Replace(planes + 1, 3u << 2 * lane, (members >> 20 & 1 | members >> 27 & 2) << 2 * lane);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LoadLane(byte* run, int lane)
    {
        var planes = (uint*)(run + FourBits.RunBytes);
        var (first, second) = (planes[0] >> 2 * lane, planes[1] >> 2 * lane);
        return FourBits.LoadLane(run, lane) | (first & 1) << 4 | (first & 2) << 11 | (second & 1) << 20 | (second & 2) << 27;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreMember(byte* run, int member, Vector128<byte> lanes)
    {
        FourBits.StoreMember(run, member, lanes & Vector128.Create((byte)0x0f));
        var plane = (uint*)(run + FourBits.RunBytes) + (member >> 1);
        Replace(plane, 0x55555555u << (member & 1), BitMask.SpreadBits(FifthBits(lanes)) << (member & 1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadMember(byte* run, int member)
    {
        var plane = ((uint*)(run + FourBits.RunBytes))[member >> 1];
        return FourBits.LoadMember(run, member) | BitMask.Bytes(BitMask.GatherBits(plane >> (member & 1))) & Vector128.Create(Fifth);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint FifthBits(Vector128<byte> codes) => (codes << 3).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Replace(uint* target, uint mask, uint bits) => *target = *target & ~mask | bits;
}
