using System.Runtime.CompilerServices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Matrices.Packing;

/// <summary>Q4_1, file block: f16 scale, f16 minimum, 16 bytes of nibbles. Packed block: 16 scales, 16 minimums, nibbles.</summary>
internal sealed unsafe class Q4_1Packer : PanelPacker
{
    public const int Minimums = PanelLanes.HalvesBytes;
    public const int Nibbles = Minimums + PanelLanes.HalvesBytes;
    public const int Size = Nibbles + PanelLanes.NibbleBytes;
    private const int SourceBytes = 20;

    public override TensorType Type => TensorType.Q4_1;

    public override int BlockColumns => 32;

    public override int BlockBytes => Size;

    protected override int ScaleVectors => 2;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void PackRow(byte* source, int columns, byte* panel, int row)
    {
        for (var c = 0; c < columns; c += 32, source += SourceBytes, panel += Size)
        {
            PanelLanes.PutHalf(*(ushort*)source, panel, row);
            PanelLanes.PutHalf(*(ushort*)(source + 2), panel + Minimums, row);
            var lane = (uint*)(panel + Nibbles) + row;
            var words = (uint*)(source + 4);
            lane[0] = words[0];
            lane[Rows] = words[1];
            lane[2 * Rows] = words[2];
            lane[3 * Rows] = words[3];
        }
    }
}
