using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Cluster.Model.KvCache.Files;

/// <summary>The running checksums of a saved cache: one for each head of each layer, and one over all of them.</summary>
internal sealed class KvCacheChecksums : IDisposable
{
    private readonly IncrementalHash _head = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash _file = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _header;

    /// <param name="header">Everything before the header's checksum.</param>
    public KvCacheChecksums(ReadOnlySpan<byte> header)
    {
        _header = SHA256.HashData(header);
        _file.AppendData(_header);
    }

    /// <summary>Of the header.</summary>
    public ReadOnlySpan<byte> Header => _header;

    /// <summary>Adds rows of a head.</summary>
    /// <param name="at">Where they begin.</param>
    /// <param name="rows">Rows of one part.</param>
    public void Add(KvCursor at, ReadOnlySpan<byte> rows)
    {
        if (at.IsAtHead)
        {
            Span<byte> place = stackalloc byte[8];
            BinaryPrimitives.WriteInt32LittleEndian(place, at.Layer);
            BinaryPrimitives.WriteInt32LittleEndian(place[4..], at.KvHead);
            _head.AppendData(_header);
            _head.AppendData(place);
        }

        _head.AppendData(rows);
    }

    /// <summary>Of the head whose last row was added.</summary>
    public void EndHead(Span<byte> checksum)
    {
        _head.GetHashAndReset(checksum);
        _file.AppendData(checksum);
    }

    /// <summary>Of the whole file, after its last head. What follows begins with the first head again.</summary>
    public void EndFile(Span<byte> checksum)
    {
        _file.GetHashAndReset(checksum);
        _file.AppendData(_header);
    }

    public void Dispose()
    {
        _head.Dispose();
        _file.Dispose();
    }
}
