namespace Cluster.Protos.Security;

/// <summary>Who a peer is, or why it is not let in.</summary>
/// <param name="Peer">As its certificate says, where that could be read; only to be trusted without a refusal.</param>
/// <param name="Refusal">Null when it is let in.</param>
public readonly record struct PeerVerdict(PeerName? Peer, PeerRefusal? Refusal);
