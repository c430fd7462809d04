using System.Buffers.Text;
using System.Security.Cryptography;

namespace Cluster.Protos.Security;

/// <summary>
/// What lets a worker ask for its first certificate, as <c>ID.SECRET.PIN</c>: the id names it in lists and logs, the secret is 256 random bits,
/// and the pin tells the worker whom it may show the secret to.
/// </summary>
public sealed class JoinToken
{
    private const int IdBytes = 6;
    private const int SecretBytes = 32;

    private JoinToken(string id, string secret, AuthorityPin authority) => (Id, Secret, Authority) = (id, secret, authority);

    public string Id { get; }

    public string Secret { get; }

    public AuthorityPin Authority { get; }

    public static JoinToken Create(AuthorityPin authority) => new(
        Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes)), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes)), authority);

    /// <summary>Null for what is none. Space around it does not count: it comes from files.</summary>
    public static JoinToken? Parse(string text) => text.Trim().Split('.') switch
    {
        [var id, var secret, var pin] when IsId(id) && secret.Length == Base64Url.GetEncodedLength(SecretBytes) && AuthorityPin.Parse(pin) is { } authority =>
            new JoinToken(id, secret, authority),
        _ => null,
    };

    public static bool IsId(string text) => text.Length == 2 * IdBytes && text.All(char.IsAsciiHexDigitLower);

    /// <summary>With the secret: for whoever asked for it, once, and for the file that he keeps it in.</summary>
    public string Reveal() => $"{Id}.{Secret}.{Authority}";

    /// <summary>Without the secret.</summary>
    public override string ToString() => Id;
}
