using System.Collections.Concurrent;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Models;
using Cluster.Protos.V1;
using Google.Protobuf;

namespace Cluster.Coordinator.Weights;

/// <summary>The models that workers may fetch: those that were loaded on some.</summary>
internal sealed class OfferedModels(IMembership membership, TimeProvider time)
{
    private readonly ConcurrentDictionary<(ulong Length, ByteString Header), OfferedModel> _models = [];
    private long _sentBytes;

    /// <summary>Bytes that were sent to workers.</summary>
    public long SentBytes => Interlocked.Read(ref _sentBytes);

    public void CountSent(long bytes) => Interlocked.Add(ref _sentBytes, bytes);

    /// <summary>Offers a model. Repeating it changes nothing.</summary>
    public void Offer(ServedModel model) =>
        _models.GetOrAdd((model.Reference.Length, model.Reference.HeaderSha256), _ => new OfferedModel(model.File, membership, time));

    public OfferedModel? Find(ModelKey key) => _models.GetValueOrDefault((key.Length, key.HeaderSha256));
}
