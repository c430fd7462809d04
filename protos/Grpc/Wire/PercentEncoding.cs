using System.Buffers;
using System.Text;

namespace Grpc.Wire;

/// <summary>The encoding of <c>grpc-message</c>: UTF-8 with everything but printable ASCII, and '%', as <c>%XX</c>.</summary>
internal static class PercentEncoding
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(c => c != '%')]);

    public static string Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Plain))
            return text;

        var encoded = new StringBuilder(text.Length + 16);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (b is >= (byte)' ' and <= (byte)'~' and not (byte)'%')
                encoded.Append((char)b);
            else
                encoded.Append('%').Append(b.ToString("X2", null));
        }

        return encoded.ToString();
    }

    /// <summary>Never fails: what is not an escape stays as it is, what is not UTF-8 becomes U+FFFD.</summary>
    public static string Decode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
            return text;

        var bytes = new ArrayBufferWriter<byte>(text.Length);
        for (var i = 0; i < text.Length;)
        {
            if (text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                bytes.GetSpan(1)[0] = Convert.FromHexString(text.AsSpan(i + 1, 2))[0];
                bytes.Advance(1);
                i += 3;
            }
            else
            {
                bytes.Advance(Encoding.UTF8.GetBytes(text.AsSpan(i, 1), bytes.GetSpan(3)));
                i++;
            }
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
