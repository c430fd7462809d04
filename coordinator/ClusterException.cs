namespace Cluster.Coordinator;

/// <summary>The cluster cannot do what was asked. The message is for the user: a line for each reason.</summary>
internal class ClusterException(string message) : Exception(message);
