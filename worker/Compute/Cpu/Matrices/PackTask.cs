using Cluster.Compute.Cpu.Matrices.Packing;
using Cluster.Compute.Cpu.Threading;

namespace Cluster.Compute.Cpu.Matrices;

/// <summary>Packs rows that have been read: whole panels, claimed one by one.</summary>
internal sealed unsafe class PackTask(CpuMatrix matrix, long rowBytes) : TeamTask
{
    private byte* _rows;
    private int _firstPanel;
    private int _endRow;
    private int _next;

    /// <summary>
    /// Takes rows from that of panel <paramref name="firstPanel"/> up to <paramref name="endRow"/>, in file format at
    /// <paramref name="rows"/>.
    /// </summary>
    public void Prepare(byte* rows, int firstPanel, int endRow)
    {
        _rows = rows;
        _firstPanel = firstPanel;
        _endRow = endRow;
        _next = firstPanel;
    }

    public override void Execute(int thread, int threads)
    {
        while (true)
        {
            var panel = Interlocked.Increment(ref _next) - 1;
            var row = panel * PanelPacker.Rows;
            if (row >= _endRow) return;
            var source = _rows + (row - _firstPanel * PanelPacker.Rows) * rowBytes;
            var count = Math.Min(PanelPacker.Rows, _endRow - row);
            var target = matrix.Panels + panel * matrix.PanelBytes;
            matrix.Packer.PackRows(source, rowBytes, count, matrix.Columns, target);
            matrix.Factors[panel] = matrix.Packer.Normalize(target, matrix.Columns);
        }
    }
}
