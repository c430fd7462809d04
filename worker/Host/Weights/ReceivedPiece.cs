namespace Cluster.Worker.Weights;

/// <summary>A piece as it was sent; whether it is right its hash tells.</summary>
/// <param name="Data">Its bytes.</param>
/// <param name="Sender">Who sent it, for messages.</param>
/// <param name="Peer">The worker's address; null of the coordinator.</param>
internal readonly record struct ReceivedPiece(ReadOnlyMemory<byte> Data, string Sender, string? Peer = null);
