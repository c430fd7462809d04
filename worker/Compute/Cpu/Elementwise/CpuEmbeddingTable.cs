using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.Devices;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Elementwise;

/// <summary>A table in file format, in place in the mapped file where there is one; rows are decoded when they are looked up.</summary>
internal sealed unsafe class CpuEmbeddingTable : EmbeddingTable
{
    private const int ReadBytes = 1 << 20;

    private readonly TensorTrait _trait;
    private readonly AlignedMemory? _copy;
    private readonly byte* _firstRow;
    private readonly long _rowStride;
    private readonly int _rowBytes;

    /// <exception cref="UnsupportedTensorTypeException">Rows of the source's type cannot be decoded.</exception>
    public CpuEmbeddingTable(MatrixSource source) : base(source.Rows, source.Columns)
    {
        _trait = TensorTraits.Get(source.Type);
        _rowBytes = checked((int)_trait.BytesFor(source.Columns));
        var sourceStride = _trait.BytesFor(source.SourceColumns);
        var offset = source.RowStart * sourceStride + _trait.BytesFor(source.ColumnStart);
        if (source.Reader.TryMap(out var tensor))
        {
            _firstRow = tensor + offset;
            _rowStride = sourceStride;
            return;
        }

        _copy = new AlignedMemory((long)source.Rows * _rowBytes);
        _firstRow = _copy.Pointer;
        _rowStride = _rowBytes;
        try
        {
            // Whole rows follow each other in the file too, and are read many at a time.
            var rowsAtOnce = sourceStride == _rowBytes ? Math.Max(1, ReadBytes / _rowBytes) : 1;
            for (var row = 0L; row < source.Rows; row += rowsAtOnce)
            {
                var bytes = (int)Math.Min(rowsAtOnce, source.Rows - row) * _rowBytes;
                source.Reader.Read(offset + row * sourceStride, new Span<byte>(_copy.Pointer + row * _rowBytes, bytes));
            }
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
