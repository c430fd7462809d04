using System.Security.Cryptography;
using Cluster.Coordinator.Membership;
using Cluster.Model.Gguf;
using Cluster.Protos.Models;
using Cluster.Protos.V1;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Coordinator.Weights;

/// <summary>A model's file, piece by piece, for workers that do not have it. Its hashes are made when the first of them asks.</summary>
internal sealed class OfferedModel(GgufFile file, IMembership membership, TimeProvider time)
{
    private readonly Lock _lock = new();
    private Task<ModelContent>? _content;
    private byte[] _name = [];

    /// <summary>Which workers have which pieces.</summary>
    public PieceTracker Tracker { get; } = new(PieceHashes.Count(file.Length), membership, time);

    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ClusterException">It is larger than a description can be.</exception>
    public Task<ModelContent> DescribeAsync()
    {
        lock (_lock) return _content is { IsFaulted: false } begun ? begun : _content = Task.Run(Describe);
    }

    /// <summary>Whether that is what this model's content is called.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public async Task<bool> IsContentAsync(ByteString name)
    {
        await DescribeAsync().ConfigureAwait(false);
        return name.Span.SequenceEqual(_name);
    }

    /// <exception cref="IOException">The file cannot be read.</exception>
    public ModelPiece ReadPiece(int index)
    {
        var data = new byte[PieceHashes.Length(file.Length, index)];
        using var handle = Open();
        Read(handle, data, index);
        return new ModelPiece { Data = UnsafeByteOperations.UnsafeWrap(data) };
    }

    private ModelContent Describe()
    {
        var count = PieceHashes.Count(file.Length);
        if (count > PieceHashes.MaxPieces)
            throw new ClusterException($"{file.Path} is too large to be sent to workers: they need copies of their own (--model)");

        var hashes = new byte[count * SHA256.HashSizeInBytes];
        using var handle = Open();
        Parallel.For(0, count, () => new byte[PieceHashes.PieceBytes], (index, _, buffer) =>
        {
            var piece = buffer.AsSpan(0, PieceHashes.Length(file.Length, index));
            Read(handle, piece, index);
            SHA256.HashData(piece, hashes.AsSpan(index * SHA256.HashSizeInBytes));
            return buffer;
        }, _ => { });
        _name = PieceHashes.Name(hashes);
        return new ModelContent
        {
            HeaderBytes = (ulong)ModelReferences.HeaderBytes(file),
            PieceBytes = PieceHashes.PieceBytes,
            PieceSha256 = UnsafeByteOperations.UnsafeWrap(hashes),
        };
    }

    private SafeFileHandle Open() => File.OpenHandle(file.Path, options: FileOptions.RandomAccess);

    private void Read(SafeFileHandle handle, Span<byte> piece, long index)
    {
        for (int done = 0, read; done < piece.Length; done += read)
        {
            read = RandomAccess.Read(handle, piece[done..], index * PieceHashes.PieceBytes + done);
            if (read == 0) throw new EndOfStreamException($"{file.Path}: the file has become shorter while it was read");
        }
    }
}
