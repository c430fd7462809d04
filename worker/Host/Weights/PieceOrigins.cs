namespace Cluster.Worker.Weights;

/// <summary>Where the bytes of a model that were needed came from.</summary>
/// <param name="Coordinator">Sent by the coordinator.</param>
/// <param name="Peers">Sent by other workers.</param>
/// <param name="Cache">They were here.</param>
internal readonly record struct PieceOrigins(long Coordinator, long Peers, long Cache);
