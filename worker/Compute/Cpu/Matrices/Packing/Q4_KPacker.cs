using System.Runtime.CompilerServices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Matrices.Packing;

/// <summary>
/// Q4_K, file block of 256: f16 d, f16 dmin, eight 6-bit scales and minimums in 12 bytes, 128 bytes of nibbles, 32 bytes of which hold
/// two sub-blocks of 32. Packed: header of 16 d and 16 dmin; block of 32: 16 scales and 16 minimums of a byte each, nibbles. 4.625 bits
/// a weight, 4.5 in the file.
/// </summary>
internal sealed unsafe class Q4_KPacker : PanelPacker
{
    public const int HeaderMinimums = PanelLanes.HalvesBytes;
    public const int HeaderSize = 2 * PanelLanes.HalvesBytes;
    public const int Minimums = Rows;
    public const int Nibbles = 2 * Rows;
    public const int Size = Nibbles + PanelLanes.NibbleBytes;
    private const int SourceScales = 4;
    private const int SourceNibbles = 16;
    private const int SourceBytes = 144;

    public override TensorType Type => TensorType.Q4_K;

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
            for (var b = 0; b < 8; b++, panel += Size)
            {
                SixBitScales.Unpack(source + SourceScales, b, out panel[row], out panel[Minimums + row]);
                var words = (uint*)(source + SourceNibbles + b / 2 * 32);
                for (var group = 0; group < 8; group++) groups[group] = words[group] >> (4 * (b & 1));
                PanelLanes.PutNibbles(groups, panel + Nibbles, row);
            }
        }
    }
}
