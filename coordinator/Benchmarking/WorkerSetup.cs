namespace Cluster.Coordinator.Benchmarking;

/// <summary>Workers that several sessions use.</summary>
/// <param name="Split">How models are split over them.</param>
/// <param name="Threads">Threads of each local worker; null for what they choose, or chose when they joined.</param>
internal readonly record struct WorkerSetup(SplitSize Split, int? Threads);
