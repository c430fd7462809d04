using Cluster.Compute.Devices;
using Cluster.Compute.OpenCl.Matrices;
using Cluster.Compute.OpenCl.Memory;

namespace Cluster.Compute.OpenCl.Elementwise;

/// <summary>A table in file format that stays in the model file: rows that a step needs are sent to the device, which decodes them.</summary>
internal sealed class OpenClEmbeddingTable : EmbeddingTable
{
    private readonly OpenClContext _context;
    private readonly WeightKernels _kernels;
    private readonly SourceRows _source;
    private readonly ScratchMemory _memory;
    private readonly int _rowBytes;
    private byte[] _rows = [];

    public OpenClEmbeddingTable(OpenClContext context, WeightKernels kernels, MatrixSource source) : base(source.Rows, source.Columns)
    {
        _context = context;
        _kernels = kernels;
        _source = new SourceRows(source);
        _memory = new ScratchMemory(context);
        _rowBytes = checked((int)_source.RowBytes);
    }

    public override long Bytes => 0;

    /// <summary>Decodes rows to the device.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such row.</exception>
    public void Embed(ReadOnlySpan<int> tokenIds, OpenClMemory output)
    {
        foreach (var id in tokenIds) ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)Rows, nameof(tokenIds));
        if (tokenIds.IsEmpty) return;
        var bytes = checked(tokenIds.Length * _rowBytes);
        if (_rows.Length < bytes) _rows = new byte[Math.Max(bytes, 2 * _rows.Length)];
        for (var i = 0; i < tokenIds.Length; i++) _source.Read(tokenIds[i], _rows.AsSpan(i * _rowBytes, _rowBytes));
        var rows = _memory.Upload<byte>(_rows.AsSpan(0, bytes));
        _kernels.Embed.Run(
            (Columns + OpenClKernel.Items - 1) / OpenClKernel.Items, tokenIds.Length, 1, OpenClKernel.Items,
            new OpenClArguments { rows, _rowBytes, Columns, output },
            _context.Timer.Work(bytes + (long)tokenIds.Length * Columns * sizeof(float)));
    }

    public override void Dispose() => _memory.Dispose();
}
