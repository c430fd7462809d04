using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Cluster.Model.Formats;

namespace Cluster.Model.Gguf;

/// <summary>
/// Writes a GGUF version 3 file to a stream, which need not seek: first declare all metadata and tensors, then write the tensors'
/// data in the order of declaration, in pieces of any size. Data is not held in memory.
/// </summary>
/// <param name="output">Written from its current position; stays open.</param>
/// <param name="alignment">Alignment of tensor data, a power of two from 8; stated in the metadata unless it is the default 32.</param>
public sealed class GgufWriter(Stream output, int alignment = GgufLimits.DefaultAlignment)
{
    private const uint Version = 3;

    private readonly ArrayBufferWriter<byte> _metadata = new();
    private readonly HashSet<string> _keys = [];
    private readonly List<GgufTensor> _tensors = [];
    private readonly HashSet<string> _names = [];
    private readonly int _alignment = CheckAlignment(alignment);
    private long _dataBytes; // declared so far, padding included
    private bool _hasHeader;
    private int _current; // tensor that the next data belongs to
    private long _written; // of the current tensor

    /// <summary>Declared tensors; offsets are relative to the data section.</summary>
    public IReadOnlyList<GgufTensor> Tensors => _tensors;

    /// <summary>
    /// Adds a metadata pair. Values: every integer width, float, double, bool, string, one-dimensional arrays of these,
    /// <see cref="GgufStringArray"/>, and arrays of arrays; that is what <see cref="GgufMetadata.Entries"/> gives.
    /// </summary>
    /// <exception cref="ArgumentException">The key is empty, too long or already there, or the value has another type.</exception>
    public void AddMetadata(string key, object value)
    {
        CheckDeclaring();
        if (key.Length == 0 || Encoding.UTF8.GetByteCount(key) > GgufLimits.MaxKeyBytes)
            throw new ArgumentException($"a metadata key has 1 to {GgufLimits.MaxKeyBytes} bytes", nameof(key));
        if (key == GgufHeaderParser.AlignmentKey && !(value is uint stated && stated == _alignment))
            throw new ArgumentException($"{key} is stated by the writer's own alignment, {_alignment}", nameof(value));
        if (_keys.Count == GgufLimits.MaxMetadataCount)
            throw new ArgumentException($"a file has at most {GgufLimits.MaxMetadataCount} metadata keys", nameof(key));
        if (!_keys.Add(key))
            throw new ArgumentException($"metadata key '{key}' is already there", nameof(key));
        GgufValueEncoder.WriteString(_metadata, key);
        GgufValueEncoder.WriteTyped(_metadata, value);
    }

    /// <summary>Declares a tensor.</summary>
    /// <param name="name">Unique; at most 64 bytes by the format document.</param>
    /// <param name="type">A supported type.</param>
    /// <param name="dimensions">One to four, fastest-moving first; the first a multiple of the type's block size.</param>
    /// <exception cref="ArgumentException">Name, shape or their combination is not allowed.</exception>
    public GgufTensor AddTensor(string name, TensorType type, params ReadOnlySpan<long> dimensions)
    {
        CheckDeclaring();
        if (_tensors.Count == GgufLimits.MaxTensorCount)
            throw new ArgumentException($"a file has at most {GgufLimits.MaxTensorCount} tensors", nameof(name));
        if (name.Length == 0 || Encoding.UTF8.GetByteCount(name) > GgufLimits.MaxTensorNameBytes || !_names.Add(name))
            throw new ArgumentException($"tensor name '{name}' is empty, too long or already there", nameof(name));
        if (dimensions.Length is 0 or > GgufLimits.MaxDimensions)
            throw new ArgumentException($"a tensor has 1 to {GgufLimits.MaxDimensions} dimensions", nameof(dimensions));
        long bytes = TensorTraits.Get(type).BytesFor(dimensions[0]);
        for (int i = 0; i < dimensions.Length; i++)
        {
            if (dimensions[i] < 1)
                throw new ArgumentException($"dimension {i} is {dimensions[i]}", nameof(dimensions));
            bytes = i == 0 ? bytes : checked(bytes * dimensions[i]);
        }
        var tensor = new GgufTensor(name, type, ImmutableArray.Create(dimensions), _dataBytes, bytes);
        _tensors.Add(tensor);
        _dataBytes = checked(_dataBytes + bytes + Padding(bytes));
        return tensor;
    }

    /// <summary>Appends data of the current tensor; after its last byte the next tensor becomes current.</summary>
    /// <exception cref="ArgumentException">The data is longer than what is left of the current tensor.</exception>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void WriteData(ReadOnlySpan<byte> data)
    {
        WriteHeader();
        if (_current == _tensors.Count || data.Length > _tensors[_current].ByteCount - _written)
            throw new ArgumentException("more data than was declared", nameof(data));
        output.Write(data);
        _written += data.Length;
        if (_written < _tensors[_current].ByteCount)
            return;
        WritePadding(_written);
        _written = 0;
        _current++;
    }

    /// <summary>Ends the file: checks that all data has been written and flushes the stream.</summary>
    /// <exception cref="InvalidOperationException">Data is missing.</exception>
    public void Complete()
    {
        WriteHeader();
        if (_current != _tensors.Count)
            throw new InvalidOperationException($"data of tensor '{_tensors[_current].Name}' is incomplete");
        output.Flush();
    }

    private void WriteHeader()
    {
        if (_hasHeader)
            return;
        if (_alignment != GgufLimits.DefaultAlignment && !_keys.Contains(GgufHeaderParser.AlignmentKey))
            AddMetadata(GgufHeaderParser.AlignmentKey, (uint)_alignment);
        _hasHeader = true;
        var header = new ArrayBufferWriter<byte>(_metadata.WrittenCount + 4096);
        GgufValueEncoder.WriteUInt32(header, GgufHeaderParser.Magic);
        GgufValueEncoder.WriteUInt32(header, Version);
        GgufValueEncoder.WriteUInt64(header, (ulong)_tensors.Count);
        GgufValueEncoder.WriteUInt64(header, (ulong)_keys.Count);
        header.Write(_metadata.WrittenSpan);
        foreach (GgufTensor tensor in _tensors)
        {
            GgufValueEncoder.WriteString(header, tensor.Name);
            GgufValueEncoder.WriteUInt32(header, (uint)tensor.Dimensions.Length);
            foreach (long dimension in tensor.Dimensions)
                GgufValueEncoder.WriteUInt64(header, (ulong)dimension);
            GgufValueEncoder.WriteUInt32(header, (uint)tensor.Type);
            GgufValueEncoder.WriteUInt64(header, (ulong)tensor.Offset);
        }
        output.Write(header.WrittenSpan);
        WritePadding(header.WrittenCount);
    }

    private void WritePadding(long behind)
    {
        ReadOnlySpan<byte> zeros = stackalloc byte[64];
        for (int left = Padding(behind); left > 0; left -= zeros.Length)
            output.Write(zeros[..Math.Min(left, zeros.Length)]);
    }

    private int Padding(long bytes) => (int)(-bytes & (_alignment - 1));

    private void CheckDeclaring()
    {
        if (_hasHeader)
            throw new InvalidOperationException("metadata and tensors are declared before any data is written");
    }

    private static int CheckAlignment(int alignment) =>
        alignment is >= 8 and <= GgufLimits.MaxAlignment && (alignment & (alignment - 1)) == 0
            ? alignment
            : throw new ArgumentOutOfRangeException(nameof(alignment), alignment, "a power of two from 8");
}
