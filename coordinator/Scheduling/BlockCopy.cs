namespace Cluster.Coordinator.Scheduling;

/// <summary>What every rank copies before a step: a shared block into the one that takes its place where it is written to.</summary>
internal readonly record struct BlockCopy(int Source, int Target);
