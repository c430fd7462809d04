namespace Cluster.Compute.Collectives;

/// <summary>A rank that a collective or a stage hand-over waited for is gone, or the step was cancelled.</summary>
public sealed class PeerLostException(string message) : Exception(message);
