using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Protos.Security;

/// <summary>
/// The authorities whose certificates count, without their keys: the cluster's and, while it is replaced, the next one too. Immutable.
/// </summary>
public sealed class TrustedAuthorities
{
    private const int Most = 2;

    private readonly X509Certificate2[] _all;

    /// <param name="present">Vouches for the coordinator; join tokens name it.</param>
    /// <param name="next">What takes its place; null when nothing does.</param>
    public TrustedAuthorities(X509Certificate2 present, X509Certificate2? next = null) => _all = next is null ? [present] : [present, next];

    private TrustedAuthorities(X509Certificate2[] all) => _all = all;

    /// <summary>The present one first.</summary>
    public IReadOnlyList<X509Certificate2> All => _all;

    /// <summary>Signs workers' certificates.</summary>
    public X509Certificate2 Signing => _all[^1];

    /// <summary>Null when there is none, or too many.</summary>
    public static TrustedAuthorities? Of(IEnumerable<X509Certificate2> authorities) => authorities.ToArray() is { Length: > 0 and <= Most } all ? new(all) : null;

    /// <summary>Null for what are no certificates, none, or too many.</summary>
    public static TrustedAuthorities? Read(IEnumerable<ReadOnlyMemory<byte>> certificates)
    {
        try
        {
            return Of(certificates.Take(Most + 1).Select(static certificate => X509CertificateLoader.LoadCertificate(certificate.Span)));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Whether a join token names one of them.</summary>
    public bool Includes(AuthorityPin pin) => Array.Exists(_all, authority => AuthorityPin.Of(authority) == pin);

    /// <summary>Their ids, as <c>cluster ca show</c> names them.</summary>
    public override string ToString() => string.Join(", ", _all.Select(static authority => AuthorityPin.Of(authority).ClusterId));

    public bool IsSame(TrustedAuthorities other) => _all.AsSpan().SequenceEqual(other._all);
}
