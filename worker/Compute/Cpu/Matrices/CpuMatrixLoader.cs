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
    public static CpuMatrix Load(MatrixSource source, ThreadTeam team) => MatrixLoading.Load(
        source, () => new CpuMatrix(source.Type, source.Rows, source.Columns, source.Bias.Span), matrix => Pack(new SourceRows(source), matrix, team));

    private static void Pack(SourceRows source, CpuMatrix matrix, ThreadTeam team)
    {
        var panels = (int)Math.Clamp(ReadBytes / (source.RowBytes * PanelPacker.Rows), 1, matrix.PanelCount);
        using var rows = new AlignedMemory(panels * PanelPacker.Rows * source.RowBytes);
        var task = new PackTask(matrix, source.RowBytes);
        for (var panel = 0; panel < matrix.PanelCount; panel += panels)
        {
            var firstRow = panel * PanelPacker.Rows;
            var endRow = Math.Min(firstRow + panels * PanelPacker.Rows, matrix.Rows);
            source.Read(firstRow, endRow - firstRow, rows.Pointer);
            task.Prepare(rows.Pointer, panel, endRow);
            team.Run(task);
        }
    }
}
