namespace Cluster.Model.KvCache.Files;

/// <summary>
/// Saves a cache: rows in the order of <see cref="Position"/>, into a file beside the one that is asked for, which takes its place only when all of it
/// is on the disk. Whoever looks sees the old file, none, or the whole new one.
/// </summary>
public sealed class KvCacheFileWriter : IDisposable
{
    private readonly string _path;
    private readonly string _temporaryPath;
    private readonly KvCacheFileHeader _header;
    private readonly KvCacheChecksums _checksums;
    private readonly FileStream _stream;
    private bool _isComplete;

    private KvCacheFileWriter(string path, string temporaryPath, KvCacheFileHeader header, byte[] headerBytes, FileStream stream)
    {
        _path = path;
        _temporaryPath = temporaryPath;
        _header = header;
        _stream = stream;
        _checksums = new KvCacheChecksums(headerBytes);
        Position = header.Cursor();
    }

    /// <summary>What is to be appended next.</summary>
    public KvCursor Position { get; }

    /// <summary>Bytes of a row of what is to be appended next.</summary>
    public int RowBytes => _header.RowBytes(Position.Layer, Position.Part);

    /// <exception cref="KvCacheFileException">It cannot be written there, or the disk has no room for it.</exception>
    public static KvCacheFileWriter Create(string path, KvCacheFileHeader header)
    {
        ArgumentNullException.ThrowIfNull(header);
        var temporaryPath = $"{path}.{Path.GetRandomFileName()}.part";
        var headerBytes = KvCacheFileCodec.Encode(header);
        FileStream? stream = null;
        try
        {
            stream = new FileStream(temporaryPath, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                BufferSize = 0,

                // A full disk is found out before any row is asked for.
                PreallocationSize = (long)Int128.Min(KvCacheFileCodec.TotalBytes(header), long.MaxValue),
            });
            var writer = new KvCacheFileWriter(path, temporaryPath, header, headerBytes, stream);
            stream.Write(headerBytes);
            stream.Write(writer._checksums.Header);
            return writer;
        }
        catch (Exception e) when (IsFileFailure(e))
        {
            stream?.Dispose();
            TryDelete(temporaryPath);
            throw Failure(path, e);
        }
    }

    /// <summary>Appends whole rows, all of one layer, head and part.</summary>
    /// <exception cref="KvCacheFileException">The disk is full or fails.</exception>
    public void Append(ReadOnlySpan<byte> rows)
    {
        var (count, rest) = Math.DivRem(rows.Length, RowBytes);
        if (rest != 0 || count < 1 || count > Position.RowsLeft) throw new ArgumentException($"{rows.Length} bytes are no rows of {Position}.", nameof(rows));

        try
        {
            _checksums.Add(Position, rows);
            _stream.Write(rows);
            Position.Advance(count);
            if (Position.IsAtHead) WriteChecksum(file: false);
        }
        catch (Exception e) when (IsFileFailure(e))
        {
            throw Failure(_path, e);
        }
    }

    /// <summary>Puts the file in its place, once the last row was appended.</summary>
    /// <returns>Its bytes.</returns>
    /// <exception cref="KvCacheFileException">The disk is full or fails.</exception>
    public long Complete()
    {
        if (!Position.IsAtEnd) throw new InvalidOperationException($"The cache is written up to {Position} only.");

        try
        {
            WriteChecksum(file: true);
            var bytes = _stream.Position;
            _stream.Flush(flushToDisk: true);
            _stream.Dispose();
            File.Move(_temporaryPath, _path, overwrite: true);
            _isComplete = true;
            return bytes;
        }
        catch (Exception e) when (IsFileFailure(e))
        {
            throw Failure(_path, e);
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _checksums.Dispose();
        if (!_isComplete) TryDelete(_temporaryPath);
    }

    private void WriteChecksum(bool file)
    {
        Span<byte> checksum = stackalloc byte[KvCacheFileCodec.ChecksumBytes];
        if (file) _checksums.EndFile(checksum);
        else _checksums.EndHead(checksum);
        _stream.Write(checksum);
    }

    private static bool IsFileFailure(Exception e) => e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException;

    private static KvCacheFileException Failure(string path, Exception e) => new(path, $"it cannot be written: {e.Message.ReplaceLineEndings(" ")}");

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The failure that led here is the one to tell.
        }
    }
}
