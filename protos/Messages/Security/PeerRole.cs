namespace Cluster.Protos.Security;

/// <summary>What a program is in its cluster.</summary>
public enum PeerRole
{
    Coordinator,
    Worker,
}
