namespace Cluster.Coordinator.LocalWorkers;

/// <summary>A worker process of ours could not be started, or ended before its time. The message is one line for the user.</summary>
internal sealed class LocalWorkerException(string message) : Exception(message);
