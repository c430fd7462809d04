namespace Cluster.Coordinator.Page;

/// <summary>Something that happened in the cluster, in one line.</summary>
internal sealed record ClusterEvent(DateTimeOffset Time, string Text);
