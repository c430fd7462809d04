using System.Runtime.CompilerServices;

namespace Cluster.Compute.Cpu.Matrices.Packing;

/// <summary>
/// The 12 bytes of Q4_K and Q5_K that hold eight 6-bit scales and eight 6-bit minimums: bytes 0–3 have scales 0–3 and bytes 4–7
/// minimums 0–3 in their low six bits; bytes 8–11 have the low nibbles of scales and minimums 4–7, whose upper two bits are the upper
/// bits of bytes 0–3 and 4–7.
/// </summary>
internal static unsafe class SixBitScales
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* packed, int index, out byte scale, out byte minimum)
    {
        if (index < 4)
        {
            scale = (byte)(packed[index] & 63);
            minimum = (byte)(packed[index + 4] & 63);
        }
        else
        {
            scale = (byte)((packed[index + 4] & 15) | (packed[index - 4] >> 6 << 4));
            minimum = (byte)((packed[index + 4] >> 4) | (packed[index] >> 6 << 4));
        }
    }
}
