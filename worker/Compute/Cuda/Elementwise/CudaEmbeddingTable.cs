using Cluster.Compute.Cuda.Matrices;
using Cluster.Compute.Cuda.Memory;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Cuda.Elementwise;

/// <summary>A table in file format that stays in the model file: rows that a step needs are sent to the device, which decodes them.</summary>
internal sealed unsafe class CudaEmbeddingTable : EmbeddingTable
{
    private readonly CudaContext _context;
    private readonly StagingMemory _staging;
    private readonly WeightKernels _kernels;
    private readonly SourceRows _source;
    private readonly ScratchMemory _rows;
    private readonly int _rowBytes;

    public CudaEmbeddingTable(CudaContext context, StagingMemory staging, WeightKernels kernels, MatrixSource source) : base(source.Rows, source.Columns)
    {
        _context = context;
        _staging = staging;
        _kernels = kernels;
        _source = new SourceRows(source);
        _rows = new ScratchMemory(context);
        _rowBytes = checked((int)_source.RowBytes);
    }

    public override long Bytes => 0;

    /// <summary>Decodes rows to the device.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such row.</exception>
    public void Embed(ReadOnlySpan<int> tokenIds, CudaBuffer output)
    {
        if (tokenIds.IsEmpty) return;
        foreach (var id in tokenIds) ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)id, (uint)Rows, nameof(tokenIds));
        var bytes = (long)tokenIds.Length * _rowBytes;
        var host = _staging.Take<byte>(checked((int)bytes));
        for (var i = 0; i < tokenIds.Length; i++)
            _source.Read(tokenIds[i], new Span<byte>(host + (long)i * _rowBytes, _rowBytes));

        // The kernel reads few rows where they are, which takes less time than to copy them before it.
        var target = (ulong)host;
        if (tokenIds.Length > MatMulOperation.MostVectorTokens)
        {
            target = _rows.Reserve(bytes);
            _context.Upload(host, target, bytes);
        }

        var blocks = Math.Min(16, (Columns + CudaKernel.Threads - 1) / CudaKernel.Threads);
        for (var first = 0; first < tokenIds.Length; first += CudaKernel.MostGridRows)
        {
            var count = Math.Min(CudaKernel.MostGridRows, tokenIds.Length - first);
            _kernels.Embed.Launch(
                blocks, count, 1, CudaKernel.Threads,
                new KernelArguments
                {
                    target + (ulong)((long)first * _rowBytes), _rowBytes, Columns, output.Address + (ulong)((long)first * Columns * sizeof(float)),
                },
                _context.Timer.Work(count * (_rowBytes + (long)Columns * sizeof(float))));
        }
    }

    public override void Dispose() => _rows.Dispose();
}
