using System.Collections.Concurrent;
using Cluster.Coordinator.Models;
using Cluster.Protos.V1;
using Google.Protobuf;

namespace Cluster.Coordinator.Weights;

/// <summary>The models that workers may fetch: those that were loaded on some.</summary>
internal sealed class OfferedModels
{
    private readonly ConcurrentDictionary<(ulong Length, ByteString Header), OfferedModel> _models = [];

    /// <summary>Offers a model. Repeating it changes nothing.</summary>
    public void Offer(ServedModel model) =>
        _models.GetOrAdd((model.Reference.Length, model.Reference.HeaderSha256), _ => new OfferedModel(model.File));

    public OfferedModel? Find(ModelKey key) => _models.GetValueOrDefault((key.Length, key.HeaderSha256));
}
