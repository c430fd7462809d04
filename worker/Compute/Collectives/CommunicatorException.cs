namespace Cluster.Compute.Collectives;

/// <summary>Devices cannot form a group; the message is one line.</summary>
public sealed class CommunicatorException(string message, Exception? inner = null) : Exception(message, inner);
