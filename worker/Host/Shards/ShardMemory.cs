namespace Cluster.Worker.Shards;

/// <summary>Bytes that a loaded shard takes, counted from its allocations.</summary>
internal readonly record struct ShardMemory(long Weights, long KvCache, long Scratch, long KvPerToken);
