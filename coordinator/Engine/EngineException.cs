namespace Cluster.Coordinator.Engine;

/// <summary>The engine could not do what was asked. The message is one line for the user.</summary>
internal sealed class EngineException(string message) : Exception(message);
