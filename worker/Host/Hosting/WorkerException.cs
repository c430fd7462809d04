namespace Cluster.Worker.Hosting;

/// <summary>The worker cannot start or go on; the message is one line for the user.</summary>
internal sealed class WorkerException(string message) : Exception(message);
