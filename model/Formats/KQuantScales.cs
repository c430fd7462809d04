using System.Runtime.CompilerServices;

namespace Cluster.Model.Formats;

/// <summary>
/// The 12 bytes of Q4_K and Q5_K that hold eight 6-bit scales and eight 6-bit minimums: bytes 0–3 are scales 0–3 and bytes 4–7
/// minimums 0–3 in their low six bits; bytes 8–11 hold the low nibbles of scale and minimum 4–7, whose upper two bits are the
/// upper bits of bytes 0–3 (scales) and 4–7 (minimums).
/// </summary>
internal static class KQuantScales
{
    public const int Bytes = 12;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (int Scale, int Minimum) Unpack(ReadOnlySpan<byte> packed, int index)
    {
        if (index < 4)
            return (packed[index] & 63, packed[index + 4] & 63);
        int nibbles = packed[index + 4];
        return ((nibbles & 15) | (packed[index - 4] >> 6) << 4, (nibbles >> 4) | (packed[index] >> 6) << 4);
    }

    public static void Pack(ReadOnlySpan<byte> scales, ReadOnlySpan<byte> minimums, Span<byte> packed)
    {
        for (int i = 0; i < 4; i++)
        {
            packed[i] = (byte)(scales[i] | (scales[i + 4] >> 4) << 6);
            packed[i + 4] = (byte)(minimums[i] | (minimums[i + 4] >> 4) << 6);
            packed[i + 8] = (byte)((scales[i + 4] & 15) | (minimums[i + 4] & 15) << 4);
        }
    }
}
