using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Protos.Security;

/// <summary>Requests for certificates (PKCS#10): of keys on P-256, with nothing in them that the authority would take over.</summary>
public static class SigningRequest
{
    private const string EllipticCurveKey = "1.2.840.10045.2.1";
    private const string P256 = "1.2.840.10045.3.1.7";
    private const int MaxBytes = 4096;

    public static ECDsa CreateKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <param name="key">Stays with who asks.</param>
    public static byte[] Create(ECDsa key) => new CertificateRequest(new X500DistinguishedName("CN=worker"), key, HashAlgorithmName.SHA256).CreateSigningRequest();

    /// <summary>The public key, whose private one the sender has: its signature shows it. Null for anything else.</summary>
    public static PublicKey? Read(ReadOnlySpan<byte> request)
    {
        if (request.Length > MaxBytes) return null;
        try
        {
            var key = CertificateRequest.LoadSigningRequest(request, HashAlgorithmName.SHA256, out var consumed).PublicKey;
            if (consumed != request.Length || key.Oid.Value != EllipticCurveKey) return null;
            using var ecdsa = key.GetECDsaPublicKey();
            return ecdsa?.ExportParameters(false).Curve.Oid.Value == P256 ? key : null;
        }
        catch (Exception e) when (e is CryptographicException or NotSupportedException)
        {
            return null;
        }
    }
}
