using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Model.KvCache.Files;

/// <summary>
/// Reads a saved cache from its first row to its last, as often as is wanted, and checks every checksum each time. Rows count as good only when the
/// last of them was read: the checksum of a head follows its rows.
/// </summary>
public sealed class KvCacheFileReader : IDisposable
{
    /// <summary>A buffer that holds at least one row of any cache.</summary>
    public const int BufferBytes = sizeof(float) * KvCacheFileHeader.MaxHeadDim;

    private readonly SafeFileHandle _handle;
    private readonly KvCacheChecksums _checksums;
    private readonly int _rowsStart;
    private readonly string _path;
    private KvCursor _position;
    private long _offset;

    private KvCacheFileReader(string path, SafeFileHandle handle, ReadOnlySpan<byte> headerBytes, KvCacheFileHeader header)
    {
        _path = path;
        _handle = handle;
        _checksums = new KvCacheChecksums(headerBytes);
        _offset = _rowsStart = headerBytes.Length + KvCacheFileCodec.ChecksumBytes;
        _position = header.Cursor();
        Header = header;
        Length = RandomAccess.GetLength(handle);
    }

    public KvCacheFileHeader Header { get; }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>Opens a file and checks its header; the rows are not yet looked at.</summary>
    /// <exception cref="KvCacheFileException">It cannot be read, is no saved cache, is cut short, or its header is damaged.</exception>
    public static KvCacheFileReader Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
            var length = RandomAccess.GetLength(handle);
            if (length < KvCacheFileCodec.FixedBytes) throw new KvCacheFileException(path, $"it is not a saved KV cache: it has {length} bytes");

            Span<byte> fixedPart = stackalloc byte[KvCacheFileCodec.FixedBytes];
            ReadAt(path, handle, fixedPart, 0);
            var tokens = KvCacheFileCodec.ReadTokenCount(fixedPart, path, length);
            var bytes = new byte[KvCacheFileCodec.FixedBytes + tokens * sizeof(int) + KvCacheFileCodec.ChecksumBytes];
            ReadAt(path, handle, bytes, 0);
            var header = bytes.AsSpan(0, bytes.Length - KvCacheFileCodec.ChecksumBytes);
            if (!SHA256.HashData(header).AsSpan().SequenceEqual(bytes.AsSpan(header.Length)))
                throw new KvCacheFileException(path, "header: the checksum differs, the file is damaged");
            return new KvCacheFileReader(path, handle, header, KvCacheFileCodec.Decode(header, path, length));
        }
        catch (Exception e)
        {
            handle?.Dispose();
            if (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException) throw Failure(path, e);
            throw;
        }
    }

    /// <summary>Reads everything and checks it; the next read begins with the first row.</summary>
    /// <exception cref="KvCacheFileException">The file is damaged or cannot be read.</exception>
    public void Verify(CancellationToken cancellationToken)
    {
        Rewind();
        var buffer = new byte[Math.Min(BufferBytes, Length)];
        while (TryRead(buffer, out _)) cancellationToken.ThrowIfCancellationRequested();
        Rewind();
    }

    /// <summary>Reads as many of the next rows as the buffer holds, all of one layer, head and part.</summary>
    /// <param name="buffer">Of at least a row's bytes: <see cref="BufferBytes"/> always suffice.</param>
    /// <param name="rows">What was read.</param>
    /// <returns>False after the last row, when all of the file is good.</returns>
    /// <exception cref="KvCacheFileException">The file is damaged or cannot be read.</exception>
    public bool TryRead(Span<byte> buffer, out KvCacheFileRows rows)
    {
        rows = default;
        if (_position.IsAtEnd) return false;

        var rowBytes = Header.RowBytes(_position.Layer, _position.Part);
        rows = new KvCacheFileRows(
            _position.Layer, _position.KvHead, _position.Part, _position.Token, Math.Min(_position.RowsLeft, buffer.Length / rowBytes), rowBytes);
        var bytes = buffer[..rows.Bytes];
        Read(bytes);
        _checksums.Add(_position, bytes);
        _position.Advance(rows.Count);
        if (_position.IsAtHead) CheckHead(rows);
        if (_position.IsAtEnd) CheckFile();
        return true;
    }

    public void Dispose()
    {
        _handle.Dispose();
        _checksums.Dispose();
    }

    private void Rewind()
    {
        if (_offset != _rowsStart && !_position.IsAtEnd) throw new InvalidOperationException("A file is read to its end.");
        _offset = _rowsStart;
        _position = Header.Cursor();
    }

    private void CheckHead(in KvCacheFileRows rows)
    {
        Span<byte> expected = stackalloc byte[KvCacheFileCodec.ChecksumBytes], saved = stackalloc byte[KvCacheFileCodec.ChecksumBytes];
        _checksums.EndHead(expected);
        Read(saved);
        if (!saved.SequenceEqual(expected))
            throw new KvCacheFileException(_path, $"layer {rows.Layer}, KV head {rows.KvHead}: the checksum differs, the file is damaged");
    }

    private void CheckFile()
    {
        Span<byte> expected = stackalloc byte[KvCacheFileCodec.ChecksumBytes], saved = stackalloc byte[KvCacheFileCodec.ChecksumBytes];
        _checksums.EndFile(expected);
        Read(saved);
        if (!saved.SequenceEqual(expected)) throw new KvCacheFileException(_path, "end: the checksum of the whole differs, the file is damaged");
    }

    private void Read(Span<byte> bytes)
    {
        try
        {
            ReadAt(_path, _handle, bytes, _offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failure(_path, e);
        }

        _offset += bytes.Length;
    }

    private static void ReadAt(string path, SafeFileHandle handle, Span<byte> bytes, long offset)
    {
        while (!bytes.IsEmpty)
        {
            var read = RandomAccess.Read(handle, bytes, offset);
            if (read == 0) throw new KvCacheFileException(path, "it has become shorter while it was read");
            bytes = bytes[read..];
            offset += read;
        }
    }

    private static KvCacheFileException Failure(string path, Exception e) => new(path, e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "no such file",
        _ => $"it cannot be read: {e.Message.ReplaceLineEndings(" ")}",
    });
}
