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
    private readonly ByteString _name;
    private readonly CancellationToken _loading;
    private readonly SafeFileHandle _file;
    private readonly bool[] _present;
    private readonly Lock[] _lanes = [.. Enumerable.Range(0, Lanes).Select(_ => new Lock())];
    private long _fetchedBytes;

    /// <param name="path">The file; it is made if it is not there.</param>
    /// <param name="model">The model.</param>
    /// <param name="content">Its pieces.</param>
    /// <param name="source">Who has them.</param>
    /// <param name="loading">Ends waiting for them.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public FetchedPieces(string path, ModelKey model, ModelContent content, IPieceSource source, CancellationToken loading)
    {
        _source = source;
        _model = model;
        _hashes = content.PieceSha256;
        _name = ByteString.CopyFrom(PieceHashes.Name(_hashes.Span));
        _loading = loading;
        _present = new bool[PieceHashes.Count((long)model.Length)];
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        if (RandomAccess.GetLength(_file) != (long)model.Length) RandomAccess.SetLength(_file, (long)model.Length);
    }

    /// <summary>Bytes that came from the source so far; the rest was here.</summary>
    public long FetchedBytes => Interlocked.Read(ref _fetchedBytes);

    public void Require(long offset, long count)
    {
        if (count == 0) return;
        var last = (int)((offset + count - 1) / PieceHashes.PieceBytes);
        for (var piece = (int)(offset / PieceHashes.PieceBytes); piece <= last; piece++)
        {
            if (!Volatile.Read(ref _present[piece])) Bring(piece);
        }
    }

    public void Dispose() => _file.Dispose();

    private void Bring(int piece)
    {
        lock (_lanes[piece % Lanes])
        {
            if (_present[piece]) return;
            var data = new byte[PieceHashes.Length((long)_model.Length, piece)];
            var offset = (long)piece * PieceHashes.PieceBytes;
            if (RandomAccess.Read(_file, data, offset) != data.Length || !IsRight(piece, data))
            {
                var fetched = _source.Read(new ReadPieceRequest { Model = _model, ContentSha256 = _name, Index = (uint)piece }, _loading).Span;
                if (!IsRight(piece, fetched)) throw new IOException($"piece {piece} from {_source.Name} is not what its hash says");
                RandomAccess.Write(_file, fetched, offset);
                Interlocked.Add(ref _fetchedBytes, fetched.Length);
            }

            Volatile.Write(ref _present[piece], true);
        }
    }

    private bool IsRight(int piece, ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, hash);
        return hash.SequenceEqual(PieceHashes.Of(_hashes.Span, piece));
    }
}
