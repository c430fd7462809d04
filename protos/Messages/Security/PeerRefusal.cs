namespace Cluster.Protos.Security;

/// <summary>Why a peer is not let in.</summary>
public enum PeerRefusal
{
    /// <summary>It showed no certificate.</summary>
    NoCertificate,

    /// <summary>Another authority than this cluster's signed its certificate.</summary>
    OtherCluster,

    /// <summary>Its certificate has ended, or has not begun.</summary>
    Expired,

    /// <summary>It was revoked.</summary>
    Revoked,

    /// <summary>Its certificate is for something else: another role, another worker, another use.</summary>
    WrongRole,
}
