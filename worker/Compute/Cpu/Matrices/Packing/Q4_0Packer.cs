using System.Runtime.CompilerServices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Matrices.Packing;

/// <summary>
/// Q4_0 and IQ4_NL, file block: f16 scale, 16 bytes of nibbles. Packed block: 16 scales, nibbles. The file's nibble order within a row is
/// the panel's.
/// </summary>
internal sealed unsafe class Q4_0Packer(TensorType type) : PanelPacker
{
    public const int Nibbles = PanelLanes.HalvesBytes;
    public const int Size = Nibbles + PanelLanes.NibbleBytes;
    private const int SourceBytes = 18;

    public override TensorType Type => type;

    public override int BlockColumns => 32;

    public override int BlockBytes => Size;

    protected override int ScaleVectors => 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void PackRow(byte* source, int columns, byte* panel, int row)
    {
        for (var c = 0; c < columns; c += 32, source += SourceBytes, panel += Size)
        {
            PanelLanes.PutHalf(*(ushort*)source, panel, row);
            var lane = (uint*)(panel + Nibbles) + row;
            var words = (uint*)(source + 2);
            lane[0] = words[0];
            lane[Rows] = words[1];
            lane[2 * Rows] = words[2];
            lane[3 * Rows] = words[3];
        }
    }
}
