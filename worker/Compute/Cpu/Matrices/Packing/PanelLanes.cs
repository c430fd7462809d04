using System.Runtime.CompilerServices;

namespace Cluster.Compute.Cpu.Matrices.Packing;

/// <summary>
/// Where the parts of a block of 32 columns go. Columns fall into eight groups of four; a 64-byte vector holds one group, four bytes a
/// row. Nibble vector q has group q (columns 4q to 4q + 3) in its low and group q + 4 in its high nibbles. In a plane of high bits byte j
/// of a row's four has bit g from column 4g + j.
/// </summary>
internal static unsafe class PanelLanes
{
    /// <summary>Columns of a block.</summary>
    public const int BlockColumns = 32;

    /// <summary>Bytes of one vector: sixteen rows of four bytes.</summary>
    public const int VectorBytes = 64;

    /// <summary>Bytes of sixteen f16.</summary>
    public const int HalvesBytes = 32;

    /// <summary>Bytes of the nibbles of 32 columns.</summary>
    public const int NibbleBytes = 4 * VectorBytes;

    /// <summary>Writes eight groups of levels below 16, given as four bytes each, to row <paramref name="row"/>'s nibbles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PutNibbles(uint* groups, byte* nibbles, int row)
    {
        var lane = (uint*)nibbles + row;
        for (var quarter = 0; quarter < 4; quarter++)
        {
            lane[quarter * PanelPacker.Rows] = (groups[quarter] & 0x0f0f0f0f) | ((groups[quarter + 4] & 0x0f0f0f0f) << 4);
        }
    }

    /// <summary>Writes bit 4 of eight groups of levels to row <paramref name="row"/>'s plane of high bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PutFifthBits(uint* groups, byte* plane, int row)
    {
        uint bits = 0;
        for (var group = 0; group < 8; group++) bits |= ((groups[group] >> 4) & 0x01010101) << group;
        ((uint*)plane)[row] = bits;
    }

    /// <summary>
    /// Writes bits 4 and 5 of eight groups of levels to row <paramref name="row"/> of two vectors: group q's at bit 2q of the first, group
    /// q + 4's at bit 2q of the second.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PutHighPairs(uint* groups, byte* planes, int row)
    {
        uint first = 0, second = 0;
        for (var quarter = 0; quarter < 4; quarter++)
        {
            first |= ((groups[quarter] >> 4) & 0x03030303) << (2 * quarter);
            second |= ((groups[quarter + 4] >> 4) & 0x03030303) << (2 * quarter);
        }

        ((uint*)planes)[row] = first;
        ((uint*)(planes + VectorBytes))[row] = second;
    }

    /// <summary>Writes an f16 of row <paramref name="row"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PutHalf(ushort value, byte* halves, int row) => ((ushort*)halves)[row] = value;

    /// <summary>The nibbles of a file's 16 bytes, byte j being columns j and j + 16, as eight groups.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SplitNibbles(byte* source, uint* groups)
    {
        var words = (uint*)source;
        for (var quarter = 0; quarter < 4; quarter++)
        {
            groups[quarter] = words[quarter] & 0x0f0f0f0f;
            groups[quarter + 4] = (words[quarter] >> 4) & 0x0f0f0f0f;
        }
    }

    /// <summary>Adds 16 to the levels whose bit is set: bit c of <paramref name="bits"/> is column c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddFifthBits(uint bits, uint* groups)
    {
        for (var group = 0; group < 8; group++)
        {
            // Four bits to four bytes: bit j times 2^(7j) lands on bit 8j.
            var four = (bits >> (4 * group)) & 15;
            groups[group] |= ((four * 0x00204081) & 0x01010101) << 4;
        }
    }
}
