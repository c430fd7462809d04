using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cluster.Protos.Security;

/// <summary>SHA-256 of an authority's public key, by which a worker knows it that has nothing of it yet.</summary>
public readonly record struct AuthorityPin
{
    private readonly string _text;

    private AuthorityPin(string text) => _text = text;

    public static AuthorityPin Of(X509Certificate2 authority) =>
        new(Base64Url.EncodeToString(SHA256.HashData(authority.PublicKey.ExportSubjectPublicKeyInfo())));

    /// <summary>Null for what is none.</summary>
    public static AuthorityPin? Parse(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        return text.Length == Base64Url.GetEncodedLength(hash.Length) && Base64Url.TryDecodeFromChars(text, hash, out var count) && count == hash.Length
            ? new AuthorityPin(text)
            : null;
    }

    /// <summary>A short name of the cluster, of 16 hexadecimal digits.</summary>
    public string ClusterId => Convert.ToHexStringLower(Base64Url.DecodeFromChars(_text))[..16];

    public override string ToString() => _text;
}
