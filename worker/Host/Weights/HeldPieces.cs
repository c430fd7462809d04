using System.Collections.Concurrent;
using Google.Protobuf;

namespace Cluster.Worker.Weights;

/// <summary>The models of which this worker has pieces to pass on: those that are open.</summary>
internal sealed class HeldPieces
{
    private readonly ConcurrentDictionary<ByteString, FetchedPieces> _models = [];

    public void Add(FetchedPieces pieces) => _models[pieces.ContentName] = pieces;

    /// <summary>Not if the content was opened anew in the meantime.</summary>
    public void Remove(FetchedPieces pieces) => _models.TryRemove(KeyValuePair.Create(pieces.ContentName, pieces));

    public FetchedPieces? Find(ByteString contentName) => _models.GetValueOrDefault(contentName);
}
