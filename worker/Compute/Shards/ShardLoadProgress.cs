namespace Cluster.Compute.Shards;

/// <summary>How far the weights of a shard are loaded, in bytes of the model file.</summary>
public readonly record struct ShardLoadProgress(long LoadedBytes, long TotalBytes);
