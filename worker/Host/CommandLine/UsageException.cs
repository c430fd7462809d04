namespace Cluster.Worker.CommandLine;

/// <summary>Options that do not go together; the message is one line for the user.</summary>
internal sealed class UsageException(string message) : Exception(message);
