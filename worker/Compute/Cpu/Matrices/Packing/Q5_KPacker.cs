using System.Runtime.CompilerServices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Matrices.Packing;

/// <summary>
/// Q5_K, file block of 256: as Q4_K with 32 bytes of fifth bits before the nibbles, bit s of byte l being that of column l of sub-block
/// s. Packed: header of 16 d and 16 dmin; block of 32: 16 scales and 16 minimums of a byte each, plane of fifth bits, nibbles. 5.625 bits
/// a weight, 5.5 in the file.
/// </summary>
internal sealed unsafe class Q5_KPacker : PanelPacker
{
    public const int HeaderMinimums = PanelLanes.HalvesBytes;
    public const int HeaderSize = 2 * PanelLanes.HalvesBytes;
    public const int Minimums = Rows;
    public const int Plane = 2 * Rows;
    public const int Nibbles = Plane + PanelLanes.VectorBytes;
    public const int Size = Nibbles + PanelLanes.NibbleBytes;
    private const int SourceScales = 4;
    private const int SourceFifthBits = 16;
    private const int SourceNibbles = 48;
    private const int SourceBytes = 176;

    public override TensorType Type => TensorType.Q5_K;

    public override int BlockColumns => 32;

    public override int BlockBytes => Size;

    public override int HeaderBlocks => 8;

    public override int HeaderBytes => HeaderSize;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void PackRow(byte* source, int columns, byte* panel, int row)
    {
        var groups = stackalloc uint[8];
        for (var c = 0; c < columns; c += 256, source += SourceBytes)
        {
            PanelLanes.PutHalf(*(ushort*)source, panel, row);
            PanelLanes.PutHalf(*(ushort*)(source + 2), panel + HeaderMinimums, row);
            panel += HeaderSize;
            var fifthBits = (uint*)(source + SourceFifthBits);
            for (var b = 0; b < 8; b++, panel += Size)
            {
                SixBitScales.Unpack(source + SourceScales, b, out panel[row], out panel[Minimums + row]);
                var words = (uint*)(source + SourceNibbles + b / 2 * 32);
                for (var group = 0; group < 8; group++)
                {
                    groups[group] = ((words[group] >> (4 * (b & 1))) & 0x0f0f0f0f) | (((fifthBits[group] >> b) & 0x01010101) << 4);
                }

                PanelLanes.PutFifthBits(groups, panel + Plane, row);
                PanelLanes.PutNibbles(groups, panel + Nibbles, row);
            }
        }
    }
}
