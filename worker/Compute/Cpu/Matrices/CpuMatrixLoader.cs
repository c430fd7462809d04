using Cluster.Compute.Cpu.Matrices.Packing;
using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Matrices;

/// <summary>Reads a matrix from its tensor and packs it, a few panels at a time.</summary>
internal static unsafe class CpuMatrixLoader
{
    /// <summary>Bytes read before they are packed: what the caches hold, and all that is needed beside the matrix.</summary>
    private const int ReadBytes = 1 << 20;

    /// <exception cref="UnsupportedTensorTypeException">No kernels for the type.</exception>
    /// <exception cref="ArgumentException">A cut that is not one of whole blocks, or lies outside the tensor's columns.</exception>
    public static CpuMatrix Load(MatrixSource source, ThreadTeam team)
    {
        var trait = TensorTraits.Get(source.Type);
        MatrixCut.Check(source, trait);
        var matrix = new CpuMatrix(source.Type, source.Rows, source.Columns, source.Bias.Span);
        try
        {
            Pack(source, trait, matrix, team);
            return matrix;
        }
        catch
        {
            matrix.Dispose();
            throw;
        }
    }

    private static void Pack(MatrixSource source, TensorTrait trait, CpuMatrix matrix, ThreadTeam team)
    {
        var rowBytes = trait.BytesFor(source.Columns);
        var panels = (int)Math.Clamp(ReadBytes / (rowBytes * PanelPacker.Rows), 1, matrix.PanelCount);
        using var rows = new AlignedMemory(panels * PanelPacker.Rows * rowBytes);
        var task = new PackTask(matrix, rowBytes);
        for (var panel = 0; panel < matrix.PanelCount; panel += panels)
        {
            var firstRow = panel * PanelPacker.Rows;
            var endRow = Math.Min(firstRow + panels * PanelPacker.Rows, source.Rows);
            Read(source, trait, firstRow, endRow, rows.Pointer);
            task.Prepare(rows.Pointer, panel, endRow);
            team.Run(task);
        }
    }

    private static void Read(MatrixSource source, TensorTrait trait, int firstRow, int endRow, byte* target)
    {
        var sourceRowBytes = trait.BytesFor(source.SourceColumns);
        var rowBytes = trait.BytesFor(source.Columns);
        var offset = (source.RowStart + (long)firstRow) * sourceRowBytes + trait.BytesFor(source.ColumnStart);
        if (rowBytes == sourceRowBytes)
        {
            ReadLong(source.Reader, offset, target, (endRow - firstRow) * rowBytes);
            return;
        }

        for (var row = firstRow; row < endRow; row++, offset += sourceRowBytes, target += rowBytes)
        {
            ReadLong(source.Reader, offset, target, rowBytes);
        }
    }

    private static void ReadLong(IWeightReader reader, long offset, byte* target, long count)
    {
        while (count > 0)
        {
            var part = (int)Math.Min(count, 1 << 30);
            reader.Read(offset, new Span<byte>(target, part));
            offset += part;
            target += part;
            count -= part;
        }
    }
}
