using System.Collections.Concurrent;
using System.Security.Cryptography;
using Cluster.Model.Gguf;
using Cluster.Protos.Models;
using Cluster.Protos.V1;
using Cluster.Worker.Weights;
using Google.Protobuf;

namespace Cluster.Worker.Tests.Weights;

/// <summary>Has the pieces of a file on this machine, and remembers which it was asked for.</summary>
internal sealed class FilePieceSource : IPieceSource
{
    private readonly byte[] _bytes;
    private readonly ModelContent _content;

    public FilePieceSource(string path)
    {
        _bytes = File.ReadAllBytes(path);
        using var file = GgufFile.Open(path);
        Key = new ModelKey { Length = (ulong)_bytes.Length, HeaderSha256 = ByteString.CopyFrom(ModelReferences.HashHeader(file)) };
        var hashes = Enumerable.Range(0, PieceHashes.Count(_bytes.Length)).SelectMany(index => SHA256.HashData(Piece(index).Span));
        _content = new ModelContent
        {
            HeaderBytes = (ulong)ModelReferences.HeaderBytes(file),
            PieceBytes = PieceHashes.PieceBytes,
            PieceSha256 = ByteString.CopyFrom([.. hashes]),
        };
    }

    public string Name => "a file";

    public ModelKey Key { get; }

    public ConcurrentQueue<int> Asked { get; } = [];

    /// <summary>Why it sends nothing; null when it does.</summary>
    public string? Problem { get; set; }

    /// <summary>Whether it sends something else.</summary>
    public bool Lies { get; set; }

    public ModelContent Describe(ModelKey model, CancellationToken cancellationToken) =>
        model.Equals(Key) ? _content : throw new IOException("another model");

    public ReceivedPiece Read(ReadPieceRequest request, CancellationToken cancellationToken)
    {
        if (Problem is not null) throw new IOException(Problem);
        Asked.Enqueue((int)request.Index);
        return new ReceivedPiece(Lies ? new byte[Piece((int)request.Index).Length] : Piece((int)request.Index), Name);
    }

    public void Distrust(string peer) => Assert.Fail("it names no peers");

    public void Announce(ReadPieceRequest piece)
    {
    }

    public ReadOnlyMemory<byte> Piece(int index) => _bytes.AsMemory(index * PieceHashes.PieceBytes, PieceHashes.Length(_bytes.Length, index));
}
