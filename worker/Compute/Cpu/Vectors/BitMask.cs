using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Cluster.Compute.Cpu.Vectors;

/// <summary>Packed bits to one element each, and moves among packed bits.</summary>
internal static unsafe class BitMask
{
    /// <summary>All ones in each 16-bit element whose bit is set, the first bit being the lowest of the first byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<short> Load(byte* bits)
    {
        var bit = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, short.MinValue);
        if (Vector<short>.Count == 32)
        {
            var words = Vector512.Create(Vector256.Create(((short*)bits)[0]), Vector256.Create(((short*)bits)[1]));
            return Vector512.Equals(words & Vector512.Create(bit, bit), Vector512.Create(bit, bit)).AsVector();
        }

        if (Vector<short>.Count == 16) return Vector256.Equals(Vector256.Create(*(short*)bits) & bit, bit).AsVector();
        return Vector128.Equals(Vector128.Create((short)*bits) & bit.GetLower(), bit.GetLower()).AsVector();
    }

    /// <summary>All ones in each byte whose bit is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Bytes(uint bits)
    {
        var bit = Vector128.Create(0x8040201008040201ul).AsByte();
        var bytes = Vector128.Create(Vector64.Create((byte)bits), Vector64.Create((byte)(bits >> 8)));
        return Vector128.Equals(bytes & bit, bit);
    }

    /// <summary>Moves bit i of sixteen to place 2i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint SpreadBits(uint bits)
    {
        bits = (bits | bits << 8) & 0x00ff00ff;
        bits = (bits | bits << 4) & 0x0f0f0f0f;
        bits = (bits | bits << 2) & 0x33333333;
        return (bits | bits << 1) & 0x55555555;
    }

    /// <summary>Moves bit 2i to place i; odd places are dropped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint GatherBits(uint bits)
    {
        bits &= 0x55555555;
        bits = (bits | bits >> 1) & 0x33333333;
        bits = (bits | bits >> 2) & 0x0f0f0f0f;
        bits = (bits | bits >> 4) & 0x00ff00ff;
        return (bits | bits >> 8) & 0x0000ffff;
    }
}
