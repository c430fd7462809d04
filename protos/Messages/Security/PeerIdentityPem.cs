using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Protos.Security;

/// <summary>A worker's certificate, its key and the cluster's authority as one text: three blocks of PEM.</summary>
public static class PeerIdentityPem
{
    public static string Write(X509Certificate2 certificate, ECDsa key, X509Certificate2 authority) =>
        $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n{authority.ExportCertificatePem()}\n";

    /// <returns>The certificate with its key, and the authority; null for what is no such text.</returns>
    public static (X509Certificate2 Certificate, X509Certificate2 Authority)? Read(string text)
    {
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(text);
            return certificates.Count == 2 ? (X509Certificate2.CreateFromPem(text, text), certificates[1]) : null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return null;
        }
    }
}
