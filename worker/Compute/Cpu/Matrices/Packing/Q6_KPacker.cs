using System.Runtime.CompilerServices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Matrices.Packing;

/// <summary>
/// Q6_K, file block of 256: 128 bytes of low nibbles, 64 bytes of high bit pairs, sixteen int8 scales for 16 columns each, f16 d. Packed:
/// header of 16 d; block of 32: 16 scales of its first and 16 of its second half, two vectors of high bit pairs, nibbles. 6.5625 bits a
/// weight, as in the file.
/// </summary>
internal sealed unsafe class Q6_KPacker : PanelPacker
{
    public const int HeaderSize = PanelLanes.HalvesBytes;
    public const int SecondScales = Rows;
    public const int Planes = 2 * Rows;
    public const int Nibbles = Planes + 2 * PanelLanes.VectorBytes;
    public const int Size = Nibbles + PanelLanes.NibbleBytes;
    private const int SourceHighPairs = 128;
    private const int SourceScales = 192;
    private const int SourceScale = 208;
    private const int SourceBytes = 210;

    public override TensorType Type => TensorType.Q6_K;

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
            PanelLanes.PutHalf(*(ushort*)(source + SourceScale), panel, row);
            panel += HeaderSize;
            for (var b = 0; b < 8; b++, panel += Size)
            {
                panel[row] = source[SourceScales + 2 * b];
                panel[SecondScales + row] = source[SourceScales + 2 * b + 1];

                // Each half of 128 columns has 64 bytes of nibbles, the low ones being its blocks 0 and 1 and the high ones 2 and 3, and
                // 32 bytes of high pairs, bits 2i and 2i + 1 being those of its block i.
                var half = b / 4;
                var inHalf = b & 3;
                var words = (uint*)(source + half * 64 + (inHalf & 1) * 32);
                var pairs = (uint*)(source + SourceHighPairs + half * 32);
                for (var group = 0; group < 8; group++)
                {
                    groups[group] = ((words[group] >> (inHalf / 2 * 4)) & 0x0f0f0f0f)
                        | (((pairs[group] >> (2 * inHalf)) & 0x03030303) << 4);
                }

                PanelLanes.PutHighPairs(groups, panel + Planes, row);
                PanelLanes.PutNibbles(groups, panel + Nibbles, row);
            }
        }
    }
}
