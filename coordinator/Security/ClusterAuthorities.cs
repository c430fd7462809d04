using Cluster.Protos.Security;

namespace Cluster.Coordinator.Security;

/// <summary>The cluster's authority and, from a rotation until the old one is retired, the next.</summary>
/// <param name="Present">Vouches for the coordinator; join tokens name it.</param>
/// <param name="Next">Signs workers' certificates already; null when there is none.</param>
internal sealed record ClusterAuthorities(ClusterAuthority Present, ClusterAuthority? Next = null)
{
    /// <summary>The one that signs workers' certificates.</summary>
    public ClusterAuthority Signing => Next ?? Present;

    /// <summary>What workers are to trust.</summary>
    public TrustedAuthorities Trusted { get; } = new(Present.Certificate, Next?.Certificate);
}
