namespace Cluster.Coordinator.Sessions;

/// <summary>How far the shards are in the workers' memory, all ranks together, in bytes.</summary>
internal readonly record struct LoadProgress(long Loaded, long Total);
