namespace Cluster.Coordinator.Commands;

/// <summary>The command line asks for something that makes no sense. The message is one line.</summary>
internal sealed class UsageException(string message) : Exception(message);
