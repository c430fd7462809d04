using Cluster.Model.Formats;

namespace Cluster.Compute.Devices;

/// <summary>The rows of a <see cref="MatrixSource"/> in file format: where they are in its tensor, and how they are read.</summary>
internal readonly unsafe struct SourceRows
{
    /// <summary>Bytes of one read, at most: readers take spans.</summary>
    private const long MostBytes = 1 << 30;

    private readonly IWeightReader _reader;
    private readonly long _start;

    public SourceRows(MatrixSource source)
    {
        var trait = TensorTraits.Get(source.Type);
        _reader = source.Reader;
        RowBytes = trait.BytesFor(source.Columns);
        Stride = trait.BytesFor(source.SourceColumns);
        _start = source.RowStart * Stride + trait.BytesFor(source.ColumnStart);
    }

    /// <summary>Bytes of a row.</summary>
    public long RowBytes { get; }

    /// <summary>Bytes from one row to the next in the tensor.</summary>
    public long Stride { get; }

    /// <summary>Where a row begins in the tensor.</summary>
    public long Offset(long row) => _start + row * Stride;

    /// <summary>Reads a row.</summary>
    public void Read(long row, Span<byte> target) => _reader.Read(Offset(row), target);

    /// <summary>Reads rows one behind the other.</summary>
    public void Read(long first, long count, byte* target) => Read(first, count, target, RowBytes);

    /// <summary>Reads rows that begin every <paramref name="pitch"/> bytes; what is between them stays.</summary>
    public void Read(long first, long count, byte* target, long pitch)
    {
        if (Stride == RowBytes && pitch == RowBytes)
        {
            ReadRun(Offset(first), target, count * RowBytes);
            return;
        }

        for (var row = 0L; row < count; row++) ReadRun(Offset(first + row), target + row * pitch, RowBytes);
    }

    private void ReadRun(long offset, byte* target, long count)
    {
        for (; count > 0; count -= MostBytes, offset += MostBytes, target += MostBytes)
            _reader.Read(offset, new Span<byte>(target, (int)Math.Min(count, MostBytes)));
    }
}
