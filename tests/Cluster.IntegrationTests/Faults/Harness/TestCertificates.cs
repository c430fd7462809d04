using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cluster.Protos.Security;

namespace Cluster.IntegrationTests.Faults.Harness;

/// <summary>Certificates as no authority of a cluster would give them: for whoever wants one.</summary>
internal static class TestCertificates
{
    /// <param name="authority">With its key.</param>
    /// <param name="name">Whom it is for.</param>
    /// <param name="life">How long it lasts; it began some minutes ago.</param>
    public static X509Certificate2 Issue(X509Certificate2 authority, PeerName name, TimeSpan life)
    {
        using var key = SigningRequest.CreateKey();
        var request = new CertificateRequest("CN=stranger", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(name.ToUri("0123456789abcdef"));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. PeerCertificates.Uses], false));
        using var certificate = request.Create(authority, DateTimeOffset.UtcNow.AddMinutes(-4), DateTimeOffset.UtcNow + life, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
