using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Matrices.Packing;

/// <summary>Plain elements: for each column those of sixteen rows.</summary>
internal sealed unsafe class ElementPacker(TensorType type, int elementBytes) : PanelPacker
{
    public override TensorType Type => type;

    public override int BlockColumns => 1;

    public override int BlockBytes => Rows * elementBytes;

    protected override int ScaleVectors => type == TensorType.F16 ? 1 : 0;

    public override void PackRow(byte* source, int columns, byte* panel, int row)
    {
        if (elementBytes == sizeof(float))
        {
            for (var c = 0; c < columns; c++) ((uint*)panel)[c * Rows + row] = ((uint*)source)[c];
        }
        else
        {
            for (var c = 0; c < columns; c++) ((ushort*)panel)[c * Rows + row] = ((ushort*)source)[c];
        }
    }
}
