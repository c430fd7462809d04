using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Protos.Security;

/// <summary>Reads and judges certificates of peers. Only the cluster's own authority counts, never the system's.</summary>
public static class PeerCertificates
{
    /// <summary>TLS server and TLS client, in the order of <see cref="PeerUse"/>.</summary>
    public static readonly Oid[] Uses = [new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")];

    /// <summary>How long before it is issued a certificate begins, for clocks that are behind.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private const string SubjectAlternativeName = "2.5.29.17";

    // A URI among the names of RFC 5280, 4.2.1.6.
    private static readonly Asn1Tag s_uri = new(TagClass.ContextSpecific, 6);

    public static DateTimeOffset IssuedAt(X509Certificate2 certificate) => new DateTimeOffset(certificate.NotBefore.ToUniversalTime()) + ClockSkew;

    /// <summary>Whom it is for; null when it does not say, or says more than one.</summary>
    public static PeerName? NameOf(X509Certificate2 certificate)
    {
        if (certificate.Extensions[SubjectAlternativeName] is not { } extension) return null;
        try
        {
            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            var tag = names.PeekTag();
            var uri = tag.HasSameClassAndValue(s_uri) ? names.ReadCharacterString(UniversalTagNumber.IA5String, tag) : "";
            return names.HasData ? null : PeerName.Parse(uri);
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <param name="certificate">What the peer showed.</param>
    /// <param name="use">What for.</param>
    /// <param name="authorities">Whose word counts.</param>
    /// <param name="revoked">Who was revoked.</param>
    /// <param name="now">The time.</param>
    public static PeerVerdict Judge(X509Certificate2? certificate, PeerUse use, TrustedAuthorities authorities, RevocationList revoked, DateTimeOffset now)
    {
        if (certificate is null) return new PeerVerdict(null, PeerRefusal.NoCertificate);

        var name = NameOf(certificate);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        foreach (var authority in authorities.All) chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(Uses[(int)use]);
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        if (!chain.Build(certificate)) return new PeerVerdict(name, Explain(chain.ChainStatus));
        if (name is not { } peer) return new PeerVerdict(null, PeerRefusal.WrongRole);
        return peer.Role == PeerRole.Worker && revoked.Includes(peer.Worker, IssuedAt(certificate))
            ? new PeerVerdict(peer, PeerRefusal.Revoked)
            : new PeerVerdict(peer, null);
    }

    private static PeerRefusal Explain(X509ChainStatus[] statuses)
    {
        var all = X509ChainStatusFlags.NoError;
        foreach (var status in statuses) all |= status.Status;
        return (all & ~(X509ChainStatusFlags.NotTimeValid | X509ChainStatusFlags.NotValidForUsage)) != 0 ? PeerRefusal.OtherCluster
            : all.HasFlag(X509ChainStatusFlags.NotTimeValid) ? PeerRefusal.Expired
            : PeerRefusal.WrongRole;
    }
}
