using System.Globalization;
using System.Text;

namespace Cluster.Model.ChatTemplates.Syntax;

/// <summary>Python's escapes in string literals. One that Python does not know stays as it is written.</summary>
internal static class StringLiteral
{
    public static string Unescape(ReadOnlySpan<char> text, int line)
    {
        if (!text.Contains('\\')) return text.ToString();

        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                result.Append(text[i]);
                continue;
            }

            var escape = text[++i];
            var hexDigits = escape switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            if (hexDigits > 0)
            {
                AppendHex(result, text[(i + 1)..], hexDigits, line);
                i += hexDigits;
            }
            else if (escape is >= '0' and <= '7')
            {
                var value = 0;
                var end = Math.Min(i + 3, text.Length);
                for (; i < end && text[i] is >= '0' and <= '7'; i++) value = (value * 8) + text[i] - '0';
                i--;
                result.Append((char)value);
            }
            else if (Simple(escape) is { } character)
            {
                result.Append(character);
            }
            else if (escape != '\n')
            {
                result.Append('\\').Append(escape);
            }
        }

        return result.ToString();
    }

    private static char? Simple(char escape) => escape switch
    {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '\\' or '\'' or '"' => escape,
        'a' => '\a',
        'b' => '\b',
        'f' => '\f',
        'v' => '\v',
        _ => null,
    };

    private static void AppendHex(StringBuilder result, ReadOnlySpan<char> digits, int count, int line)
    {
        if (digits.Length < count || !uint.TryParse(digits[..count], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || code > 0x10FFFF)
            throw new ChatTemplateException(line, "a string has an escape that names no character");

        if (code <= char.MaxValue) result.Append((char)code);
        else result.Append(char.ConvertFromUtf32((int)code));
    }
}
