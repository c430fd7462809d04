using Cluster.Model.KvCache;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Benchmarking;

/// <summary>What a model is loaded with.</summary>
/// <param name="CacheFormat">Of the KV cache.</param>
/// <param name="Wire">Of activations between ranks.</param>
/// <param name="Channel">What carries them.</param>
internal sealed record SessionSetup(KvCacheFormat CacheFormat, WireFormat Wire, ChannelKind Channel);
