using Cluster.Protos.Security;

namespace Cluster.Coordinator.Security;

/// <summary>Who makes a call, among the features of its request.</summary>
/// <param name="Peer">As its certificate says, which was found good.</param>
/// <param name="Serial">Of that certificate.</param>
internal sealed record PeerFeature(PeerName Peer, string Serial);
