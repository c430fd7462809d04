using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Protos.Security;

namespace Cluster.Coordinator.Security;

/// <summary>The cluster's own authority: ECDSA on P-256, which signs the certificates of the coordinator and of workers, and nothing else.</summary>
internal sealed class ClusterAuthority : IDisposable
{
    private const int LifeYears = 10;
    private const int SerialBytes = 16;

    private readonly X509Certificate2 _certificate;

    private ClusterAuthority(X509Certificate2 certificate)
    {
        _certificate = certificate;
        Certificate = X509CertificateLoader.LoadCertificate(certificate.RawDataMemory.Span);
        Pin = AuthorityPin.Of(Certificate);
    }

    /// <summary>Without the key.</summary>
    public X509Certificate2 Certificate { get; }

    public AuthorityPin Pin { get; }

    public DateTimeOffset Created => PeerCertificates.IssuedAt(Certificate);

    public DateTimeOffset End => Certificate.NotAfter.ToUniversalTime();

    public static ClusterAuthority Create(DateTimeOffset now)
    {
        using var key = SigningRequest.CreateKey();
        var request = new CertificateRequest(Subject("Cluster authority"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return new ClusterAuthority(request.CreateSelfSigned(now - PeerCertificates.ClockSkew, now.AddYears(LifeYears)));
    }

    /// <exception cref="CryptographicException">They are no authority and its key.</exception>
    public static ClusterAuthority FromPem(string certificate, string key) => new(X509Certificate2.CreateFromPem(certificate, key));

    public string ExportCertificatePem() => _certificate.ExportCertificatePem();

    /// <summary>Not encrypted.</summary>
    public string ExportKeyPem()
    {
        using var key = _certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    /// <summary>A certificate for both ends of connections.</summary>
    /// <param name="name">Whom it is for.</param>
    /// <param name="key">Its public key.</param>
    /// <param name="now">When it begins.</param>
    /// <param name="life">How long it lasts, at most as long as the authority itself.</param>
    public X509Certificate2 Issue(PeerName name, PublicKey key, DateTimeOffset now, TimeSpan life)
    {
        var request = new CertificateRequest(Subject(name.ToString()), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(name.ToUri(Pin.ClusterId));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. PeerCertificates.Uses], false));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false));

        // Whole seconds, as certificates have them, and a positive serial number.
        var issued = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        var end = issued + life;
        if (end > _certificate.NotAfter) end = _certificate.NotAfter;
        var serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] = (byte)(serial[0] & 0x7F | 0x40);

        // A clock that was set back must not keep workers out.
        var begin = issued - PeerCertificates.ClockSkew;
        if (begin < _certificate.NotBefore) begin = _certificate.NotBefore;
        return request.Create(_certificate, begin, end, serial);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        Certificate.Dispose();
    }

    private static X500DistinguishedName Subject(string name)
    {
        var builder = new X500DistinguishedNameBuilder();
        builder.AddCommonName(name);
        return builder.Build();
    }
}
