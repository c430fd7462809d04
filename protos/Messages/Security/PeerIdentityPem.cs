using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Protos.Security;

/// <summary>A worker's certificate, its key and the authorities that it trusts as one text: a block of PEM each.</summary>
public static class PeerIdentityPem
{
    public static string Write(X509Certificate2 certificate, ECDsa key, TrustedAuthorities authorities) =>
        $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n{string.Concat(authorities.All.Select(static authority => authority.ExportCertificatePem() + "\n"))}";

    /// <returns>The certificate with its key, and the authorities; null for what is no such text.</returns>
    public static (X509Certificate2 Certificate, TrustedAuthorities Authorities)? Read(string text)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(text);
            return TrustedAuthorities.Of(certificates.Skip(1)) is { } authorities ? (X509Certificate2.CreateFromPem(text, text), authorities) : null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null;
        }
    }
}
