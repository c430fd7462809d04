using System.Runtime.CompilerServices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Matrices.Packing;

/// <summary>
/// Q5_1, file block: f16 scale, f16 minimum, 32 fifth bits, 16 bytes of nibbles. Packed block: 16 scales, 16 minimums, plane of fifth
/// bits, nibbles.
/// </summary>
internal sealed unsafe class Q5_1Packer : PanelPacker
{
    public const int Minimums = PanelLanes.HalvesBytes;
    public const int Plane = Minimums + PanelLanes.HalvesBytes;
    public const int Nibbles = Plane + PanelLanes.VectorBytes;
    public const int Size = Nibbles + PanelLanes.NibbleBytes;
    private const int SourceBytes = 24;

    public override TensorType Type => TensorType.Q5_1;

    public override int BlockColumns => 32;

    public override int BlockBytes => Size;

    protected override int ScaleVectors => 2;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void PackRow(byte* source, int columns, byte* panel, int row)
    {
        var groups = stackalloc uint[8];
        for (var c = 0; c < columns; c += 32, source += SourceBytes, panel += Size)
        {
            PanelLanes.PutHalf(*(ushort*)source, panel, row);
            PanelLanes.PutHalf(*(ushort*)(source + 2), panel + Minimums, row);
            PanelLanes.SplitNibbles(source + 8, groups);
            PanelLanes.AddFifthBits(*(uint*)(source + 4), groups);
            PanelLanes.PutFifthBits(groups, panel + Plane, row);
            PanelLanes.PutNibbles(groups, panel + Nibbles, row);
        }
    }
}
