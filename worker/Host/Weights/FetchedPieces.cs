using System.Security.Cryptography;
using Cluster.Model.Gguf;
using Cluster.Protos.Models;
using Cluster.Protos.V1;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace Cluster.Worker.Weights;

/// <summary>
/// A model's file in the cache folder, with holes where no piece has been needed yet. Which pieces are there is not written down: one
/// counts when its hash is right, so neither a crash nor a bad disk nor another worker that fills the same file can do harm.
/// </summary>
internal sealed class FetchedPieces : IFilePieces
{
    /// <summary>Pieces that may be on their way at a time.</summary>
    private const int Lanes = 16;

    private readonly IPieceSource _source;
    private readonly ModelKey _model;
    private readonly ByteString _hashes;
    private readonly HeldPieces _held;
    private readonly CancellationTokenSource _ending;
    private readonly SafeFileHandle _file;
    private readonly bool[] _present;
    private readonly Lock[] _lanes = [.. Enumerable.Range(0, Lanes).Select(_ => new Lock())];
    private PiecePrefetch? _prefetch;
    private long _fromCoordinator;
    private long _fromPeers;
    private long _fromCache;

    /// <param name="path">The file; it is made if it is not there.</param>
    /// <param name="model">The model.</param>
    /// <param name="content">Its pieces.</param>
    /// <param name="source">Who has them.</param>
    /// <param name="held">Where others look for what this worker has.</param>
    /// <param name="loading">Ends waiting for them.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public FetchedPieces(string path, ModelKey model, ModelContent content, IPieceSource source, HeldPieces held, CancellationToken loading)
    {
        _source = source;
        _model = model;
        _hashes = content.PieceSha256;
        ContentName = ByteString.CopyFrom(PieceHashes.Name(_hashes.Span));
        _present = new bool[PieceHashes.Count((long)model.Length)];
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        if (RandomAccess.GetLength(_file) != (long)model.Length) RandomAccess.SetLength(_file, (long)model.Length);
        _ending = CancellationTokenSource.CreateLinkedTokenSource(loading);
        _held = held;
        held.Add(this);
    }

    /// <summary>SHA-256 of all pieces' hashes.</summary>
    public ByteString ContentName { get; }

    /// <summary>Of what was needed so far.</summary>
    public PieceOrigins Origins => new(Interlocked.Read(ref _fromCoordinator), Interlocked.Read(ref _fromPeers), Interlocked.Read(ref _fromCache));

    public void Require(long offset, long count)
    {
        if (count == 0) return;
        var last = (int)((offset + count - 1) / PieceHashes.PieceBytes);
        for (var piece = (int)(offset / PieceHashes.PieceBytes); piece <= last; piece++) Require(piece);
    }

    /// <summary>Returns when a piece is there. From any thread.</summary>
    /// <exception cref="IOException">It cannot be had.</exception>
    public void Require(int piece)
    {
        if (!Volatile.Read(ref _present[piece])) Bring(piece);
    }

    /// <summary>Brings pieces before they are required, in the given order, until this is disposed. Once.</summary>
    public void Prefetch(int[] pieces) => _prefetch = new PiecePrefetch(this, pieces, _ending.Token);

    /// <summary>What is here of a piece; null when it is not.</summary>
    public byte[]? TryRead(uint index)
    {
        if (index >= _present.Length || !Volatile.Read(ref _present[index])) return null;
        try
        {
            var data = new byte[PieceHashes.Length((long)_model.Length, (int)index)];
            return RandomAccess.Read(_file, data, index * (long)PieceHashes.PieceBytes) == data.Length ? data : null;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _held.Remove(this);
        _ending.Cancel();
        _prefetch?.Wait();
        _file.Dispose();
        _ending.Dispose();
    }

    private void Bring(int piece)
    {
        lock (_lanes[piece % Lanes])
        {
            if (_present[piece]) return;
            var request = new ReadPieceRequest { Model = _model, ContentSha256 = ContentName, Index = (uint)piece };
            var data = new byte[PieceHashes.Length((long)_model.Length, piece)];
            var offset = (long)piece * PieceHashes.PieceBytes;
            if (RandomAccess.Read(_file, data, offset) == data.Length && IsRight(piece, data)) Interlocked.Add(ref _fromCache, data.Length);
            else RandomAccess.Write(_file, Fetch(piece, request).Span, offset);

            Volatile.Write(ref _present[piece], true);
            _source.Announce(request);
        }
    }

    private ReadOnlyMemory<byte> Fetch(int piece, ReadPieceRequest request)
    {
        while (true)
        {
            var received = _source.Read(request, _ending.Token);
            if (IsRight(piece, received.Data.Span))
            {
                Interlocked.Add(ref received.Peer is null ? ref _fromCoordinator : ref _fromPeers, received.Data.Length);
                return received.Data;
            }

            // A peer's word is worth nothing, the coordinator's is all there is.
            if (received.Peer is null) throw new IOException($"piece {piece} from {received.Sender} is not what its hash says");
            _source.Distrust(received.Peer);
        }
    }

    private bool IsRight(int piece, ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, hash);
        return hash.SequenceEqual(PieceHashes.Of(_hashes.Span, piece));
    }
}
