using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Cluster.Coordinator.Api.Keys;

/// <summary>
/// SHA-256 of a key. Keys are 256 random bits, so there is nothing to guess: a slow hash, as passwords need, would add nothing but work for
/// each request.
/// </summary>
internal sealed class KeyHash
{
    private const string Scheme = "sha256:";

    private readonly byte[] _bytes;

    private KeyHash(byte[] bytes) => _bytes = bytes;

    public static KeyHash Of(string key) => new(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>A fresh key: 256 random bits.</summary>
    public static string CreateKey() => $"sk-{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))}";

    /// <returns>Null when the text is not what <see cref="ToString"/> writes.</returns>
    public static KeyHash? Parse(string text)
    {
        if (!text.StartsWith(Scheme, StringComparison.Ordinal) || text.Length != Scheme.Length + 2 * SHA256.HashSizeInBytes) return null;

        var bytes = new byte[SHA256.HashSizeInBytes];
        return Convert.FromHexString(text.AsSpan(Scheme.Length), bytes, out _, out _) == System.Buffers.OperationStatus.Done ? new KeyHash(bytes) : null;
    }

    /// <summary>In a time that tells nothing of where they differ.</summary>
    public bool IsSame(KeyHash other) => CryptographicOperations.FixedTimeEquals(_bytes, other._bytes);

    public override string ToString() => Scheme + Convert.ToHexStringLower(_bytes);
}
