using System.Runtime.CompilerServices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Matrices.Packing;

/// <summary>
/// Q5_0, file block: f16 scale, 32 fifth bits, 16 bytes of nibbles. Packed block: 16 scales, plane of fifth bits, nibbles.
/// </summary>
internal sealed unsafe class Q5_0Packer : PanelPacker
{
    public const int Plane = PanelLanes.HalvesBytes;
    public const int Nibbles = Plane + PanelLanes.VectorBytes;
    public const int Size = Nibbles + PanelLanes.NibbleBytes;
    private const int SourceBytes = 22;

    public override TensorType Type => TensorType.Q5_0;

    public override int BlockColumns => 32;

    public override int BlockBytes => Size;

    protected override int ScaleVectors => 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void PackRow(byte* source, int columns, byte* panel, int row)
    {
        var groups = stackalloc uint[8];
        for (var c = 0; c < columns; c += 32, source += SourceBytes, panel += Size)
        {
            PanelLanes.PutHalf(*(ushort*)source, panel, row);
            PanelLanes.SplitNibbles(source + 6, groups);
            PanelLanes.AddFifthBits(*(uint*)(source + 2), groups);
            PanelLanes.PutFifthBits(groups, panel + Plane, row);
            PanelLanes.PutNibbles(groups, panel + Nibbles, row);
        }
    }
}
