using System.Runtime.CompilerServices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Matrices.Packing;

/// <summary>Q8_0, file block: f16 scale, 32 signed bytes. Packed block: 16 scales, the eight groups as signed bytes.</summary>
internal sealed unsafe class Q8_0Packer : PanelPacker
{
    public const int Codes = PanelLanes.HalvesBytes;
    public const int Size = Codes + 8 * PanelLanes.VectorBytes;
    private const int SourceBytes = 34;

    public override TensorType Type => TensorType.Q8_0;

    public override int BlockColumns => 32;

    public override int BlockBytes => Size;

    protected override int ScaleVectors => 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void PackRow(byte* source, int columns, byte* panel, int row)
    {
        for (var c = 0; c < columns; c += 32, source += SourceBytes, panel += Size)
        {
            PanelLanes.PutHalf(*(ushort*)source, panel, row);
            var lane = (uint*)(panel + Codes) + row;
            var words = (uint*)(source + 2);
            for (var group = 0; group < 8; group++) lane[group * Rows] = words[group];
        }
    }
}
