using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Protos.Security;

namespace Cluster.Worker.Tests.Support;

/// <summary>An authority that signs whatever a test wants.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _certificate;
    private readonly TimeProvider _time;

    public TestAuthority(TimeProvider time)
    {
        _time = time;
        using var key = SigningRequest.CreateKey();
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _certificate = request.CreateSelfSigned(time.GetUtcNow().AddDays(-1), time.GetUtcNow().AddYears(1));
        Certificate = X509CertificateLoader.LoadCertificate(_certificate.RawData);
    }

    /// <summary>Without the key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <param name="name">Whom it is for.</param>
    /// <param name="key">Its key; null for a fresh one.</param>
    /// <param name="life">How long it lasts.</param>
    public X509Certificate2 Issue(PeerName name, PublicKey? key = null, TimeSpan? life = null)
    {
        using var fresh = SigningRequest.CreateKey();
        var request = new CertificateRequest(new X500DistinguishedName("CN=test"), key ?? new PublicKey(fresh), HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(name.ToUri("0123456789abcdef"));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. PeerCertificates.Uses], false));
        var now = DateTimeOffset.FromUnixTimeSeconds(_time.GetUtcNow().ToUnixTimeSeconds());
        var certificate = request.Create(_certificate, now - PeerCertificates.ClockSkew, now + (life ?? TimeSpan.FromHours(1)), RandomNumberGenerator.GetBytes(8));
        return key is null ? certificate.CopyWithPrivateKey(fresh) : certificate;
    }

    /// <summary>Of a program with a certificate of this authority, or with another one, that trusts <paramref name="trusted"/>, or this authority.</summary>
    public PeerCredentials Credentials(PeerName name, TimeSpan? life = null, TestAuthority? trusted = null)
    {
        var certificate = Issue(name, null, life);
        return new PeerCredentials(new TrustedAuthorities((trusted ?? this).Certificate), () => certificate, _time);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        Certificate.Dispose();
    }
}
