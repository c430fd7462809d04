namespace Cluster.Coordinator.Tests.Api.Malformed;

/// <summary>Bytes that a client, or something that is none, sends.</summary>
/// <param name="Kind">What is wrong with them.</param>
/// <param name="Bytes">All that is sent on the connection.</param>
/// <param name="Statuses">Of the answer, any of these; 0 stands for a connection that is closed without one.</param>
internal sealed record MalformedRequest(string Kind, byte[] Bytes, params int[] Statuses);
