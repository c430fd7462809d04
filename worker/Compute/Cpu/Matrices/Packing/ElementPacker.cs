using System.Runtime.CompilerServices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Matrices.Packing;

/// <summary>Plain elements: for each column those of sixteen rows.</summary>
internal sealed unsafe class ElementPacker(TensorType type, int elementBytes) : PanelPacker
{
    public override TensorType Type => type;

    public override int BlockColumns => 1;

    public override int BlockBytes => Rows * elementBytes;

    protected override int ScaleVectors => type == TensorType.F16 ? 1 : 0;

    public override void PackRows(byte* rows, long rowBytes, int count, int columns, byte* panel)
    {
        if (elementBytes == sizeof(float)) Transpose((uint*)rows, rowBytes / sizeof(uint), count, columns, (uint*)panel);
        else Transpose((ushort*)rows, rowBytes / sizeof(ushort), count, columns, (ushort*)panel);
    }

    protected override void PackRow(byte* source, int columns, byte* panel, int row) =>
        throw new NotSupportedException("Rows of plain elements are packed together.");

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose<T>(T* rows, long stride, int count, int columns, T* panel)
        where T : unmanaged
    {
        // By way of a square that stays in the first cache: rows are often a power of two apart and would push each other out of it.
        const int Square = Rows;
        var square = stackalloc T[Square * Rows];
        for (var first = 0; first < columns; first += Square)
        {
            var width = Math.Min(Square, columns - first);
            for (var r = 0; r < count; r++)
            {
                var row = rows + r * stride + first;
                for (var c = 0; c < width; c++) square[c * Rows + r] = row[c];
            }

            new ReadOnlySpan<T>(square, width * Rows).CopyTo(new Span<T>(panel + (long)first * Rows, width * Rows));
        }
    }
}
