using System.Diagnostics.CodeAnalysis;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Model.Gguf;

/// <summary>
/// A GGUF model file, memory-mapped read-only. The header is parsed and validated when opened; tensor data stays in the file
/// and is viewed in place or read by position. Safe for concurrent reading. The file must not shrink while it is open: as with
/// every memory map, touching a page that is gone ends the process.
/// </summary>
public sealed unsafe class GgufFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly IFilePieces? _pieces;
    private byte* _start;

    private GgufFile(string path, SafeFileHandle handle, long length, IFilePieces? pieces)
    {
        Path = path;
        _pieces = pieces;
        Length = length;
        _handle = handle;
        _map = MemoryMappedFile.CreateFromFile(
            handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        _start += _view.PointerOffset;
        try
        {
            Header = GgufHeaderParser.Parse(_start, length, path);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The path as given to <see cref="Open"/>.</summary>
    public string Path { get; }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>Version of the format: 2 or 3.</summary>
    public uint Version => Header.Version;

    public GgufMetadata Metadata => Header.Metadata;

    /// <summary>In file order.</summary>
    public IReadOnlyList<GgufTensor> Tensors => Header.Tensors;

    /// <summary>Alignment of tensor data in bytes.</summary>
    public int Alignment => Header.Alignment;

    internal GgufHeader Header { get; }

    /// <summary>Maps and validates a file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="pieces">What brings the tensors' data that is looked at, when not all is here; the header has to be.</param>
    /// <exception cref="GgufFormatException">The file is malformed.</exception>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The path is a directory or may not be read.</exception>
    public static GgufFile Open(string path, IFilePieces? pieces = null)
    {
        // No access hint: "random" would turn off readahead for the map too.
        SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, pieces is null ? FileShare.Read : FileShare.ReadWrite);
        try
        {
            long length = RandomAccess.GetLength(handle);
            if (length < GgufHeaderParser.FixedBytes) // an empty file cannot be mapped
                throw new GgufFormatException($"not a GGUF file: {length} bytes are too few for a header", path, 0);
            return new GgufFile(path, handle, length, pieces);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public bool TryGetTensor(string name, [NotNullWhen(true)] out GgufTensor? tensor) => Header.TryGetTensor(name, out tensor);

    /// <exception cref="GgufFormatException">The file has no tensor of that name.</exception>
    public GgufTensor GetTensor(string name) => Header.GetTensor(name);

    /// <summary>
    /// In-place view of part of a tensor; valid until the file is disposed. Pages become resident as they are touched.
    /// </summary>
    public ReadOnlySpan<byte> Map(GgufTensor tensor, long byteOffset, int byteCount)
    {
        CheckRange(tensor, byteOffset, byteCount);
        _pieces?.Require(tensor.Offset + byteOffset, byteCount);
        return new ReadOnlySpan<byte>(Start() + tensor.Offset + byteOffset, byteCount);
    }

    /// <summary>First byte of a tensor in the map; <see cref="GgufTensor.ByteCount"/> bytes follow, valid until disposal.</summary>
    public byte* Pointer(GgufTensor tensor)
    {
        CheckRange(tensor, 0, 0);
        _pieces?.Require(tensor.Offset, tensor.ByteCount);
        return Start() + tensor.Offset;
    }

    /// <summary>
    /// Copies part of a tensor by a positional read, which leaves the map's pages alone: for weights that are repacked once.
    /// </summary>
    /// <exception cref="GgufFormatException">The file has become shorter.</exception>
    public void Read(GgufTensor tensor, long byteOffset, Span<byte> destination)
    {
        CheckRange(tensor, byteOffset, destination.Length);
        _pieces?.Require(tensor.Offset + byteOffset, destination.Length);
        long position = tensor.Offset + byteOffset;
        while (!destination.IsEmpty)
        {
            int read = RandomAccess.Read(_handle, destination, position);
            if (read == 0)
                throw new GgufFormatException("file has become shorter while it was read", Path, position, tensor.Name);
            destination = destination[read..];
            position += read;
        }
    }

    public void Dispose()
    {
        if (_start != null)
        {
            _start = null;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
        _view.Dispose();
        _map.Dispose();
        _handle.Dispose();
        _pieces?.Dispose();
    }

    private byte* Start()
    {
        ObjectDisposedException.ThrowIf(_start == null, this);
        return _start;
    }

    private void CheckRange(GgufTensor tensor, long byteOffset, long byteCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        ArgumentOutOfRangeException.ThrowIfNegative(byteCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteOffset, tensor.ByteCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteCount, tensor.ByteCount - byteOffset);
        // A tensor of another file must not lead out of this one's map.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tensor.Offset, Length - tensor.ByteCount);
    }
}
