namespace Cluster.Protos.Security;

/// <summary>Reasons as people and counters read them.</summary>
public static class PeerRefusals
{
    /// <summary>In one line, to follow "refused: ".</summary>
    public static string Describe(this PeerRefusal refusal) => refusal switch
    {
        PeerRefusal.NoCertificate => "it showed no certificate",
        PeerRefusal.OtherCluster => "its certificate is not of this cluster",
        PeerRefusal.Expired => "its certificate is not valid at this time",
        PeerRefusal.Revoked => "it was revoked",
        _ => "its certificate is for something else",
    };

    /// <summary>For labels: <c>no_certificate</c>.</summary>
    public static string Label(this PeerRefusal refusal) => refusal switch
    {
        PeerRefusal.NoCertificate => "no_certificate",
        PeerRefusal.OtherCluster => "other_cluster",
        PeerRefusal.Expired => "expired",
        PeerRefusal.Revoked => "revoked",
        _ => "wrong_role",
    };
}
