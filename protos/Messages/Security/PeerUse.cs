namespace Cluster.Protos.Security;

/// <summary>Which end of a connection a certificate was shown for.</summary>
public enum PeerUse
{
    Server,
    Client,
}
