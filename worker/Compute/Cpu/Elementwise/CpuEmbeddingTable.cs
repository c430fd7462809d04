using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.Devices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Elementwise;

/// <summary>A table in file format, in place in the mapped file where there is one; rows are decoded when they are looked up.</summary>
internal sealed unsafe class CpuEmbeddingTable : EmbeddingTable
{
    private readonly TensorTrait _trait;
    private readonly AlignedMemory? _copy;
    private readonly byte* _firstRow;
    private readonly long _rowStride;
    private readonly int _rowBytes;

    /// <exception cref="UnsupportedTensorTypeException">Rows of the source's type cannot be decoded.</exception>
    public CpuEmbeddingTable(MatrixSource source) : base(source.Rows, source.Columns)
    {
        var rows = new SourceRows(source);
        _trait = TensorTraits.Get(source.Type);
        _rowBytes = checked((int)rows.RowBytes);
        if (source.Reader.TryMap(out var tensor))
        {
            _firstRow = tensor + rows.Offset(0);
            _rowStride = rows.Stride;
            return;
        }

        _copy = new AlignedMemory((long)source.Rows * _rowBytes);
        _firstRow = _copy.Pointer;
        _rowStride = _rowBytes;
        try
        {
            rows.Read(0, source.Rows, _copy.Pointer);
        }
        catch
        {
            _copy.Dispose();
            throw;
        }
    }

    public override long Bytes => _copy?.Bytes ?? 0;

    /// <summary>Decodes a row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such row.</exception>
    public void ReadRow(int row, Span<float> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        _trait.Dequantize(new ReadOnlySpan<byte>(_firstRow + row * _rowStride, _rowBytes), destination);
    }

    public override void Dispose() => _copy?.Dispose();
}
