using System.Collections.Immutable;
using Cluster.Worker.Weights;

namespace Cluster.Worker.Shards;

/// <summary>Bytes that a loaded shard takes, counted from its allocations, and what came of its loading.</summary>
/// <param name="Weights">Matrices, norms and biases.</param>
/// <param name="KvCaches">Each of its caches.</param>
/// <param name="Scratch">Activations.</param>
/// <param name="KvPerToken">One token in the first cache.</param>
internal readonly record struct ShardMemory(long Weights, ImmutableArray<long> KvCaches, long Scratch, long KvPerToken)
{
    public long KvCache => KvCaches.Sum();

    /// <summary>Where the model's file came from; zeros of a file of its own.</summary>
    public PieceOrigins Origins { get; init; }

    /// <summary>What the ranks of its stage sum by, on their devices; empty where they sum over links, or there is one.</summary>
    public string GroupLibrary { get; init; } = "";
}
