using System.Globalization;

namespace Cluster.Model.ChatTemplates.Syntax;

/// <summary>Reads one token within a tag.</summary>
internal static class TokenReader
{
    // Longest first: the first that fits is taken.
    private static readonly string[] s_operators =
    [
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";",
    ];

    public static Token Read(string source, int position, int line, out int length)
    {
        var first = source[position];
        if (first is '\'' or '"') return ReadString(source, position, line, out length);
        if (char.IsAsciiDigit(first)) return ReadNumber(source, position, line, out length);
        if (IsNameStart(first))
        {
            length = 1;
            while (position + length < source.Length && (IsNameStart(source[position + length]) || char.IsDigit(source[position + length]))) length++;
            return new Token(TokenKind.Name, source.Substring(position, length), line);
        }

        foreach (var text in s_operators)
        {
            if (string.CompareOrdinal(source, position, text, 0, text.Length) != 0) continue;
            length = text.Length;
            return new Token(TokenKind.Operator, text, line);
        }

        throw new ChatTemplateException(line, $"'{first}' has no meaning in a tag");
    }

    private static bool IsNameStart(char c) => c == '_' || char.IsLetter(c);

    private static Token ReadString(string source, int position, int line, out int length)
    {
        var quote = source[position];
        for (var end = position + 1; end < source.Length; end++)
        {
            if (source[end] == '\\')
            {
                end++;
            }
            else if (source[end] == quote)
            {
                length = end + 1 - position;
                return new Token(TokenKind.String, StringLiteral.Unescape(source.AsSpan(position + 1, length - 2), line), line);
            }
        }

        throw new ChatTemplateException(line, "a string does not end");
    }

    private static Token ReadNumber(string source, int position, int line, out int length)
    {
        var rest = source.AsSpan(position);
        length = CountDigits(rest, 0);
        var isFloat = false;

        // "a.0.1" are two indices and no fraction.
        var isIndex = position > 0 && source[position - 1] == '.';
        if (!isIndex && length + 1 < rest.Length && rest[length] == '.' && char.IsAsciiDigit(rest[length + 1]))
        {
            isFloat = true;
            length = CountDigits(rest, length + 1);
        }

        if (length < rest.Length && rest[length] is 'e' or 'E')
        {
            var sign = length + 1 < rest.Length && rest[length + 1] is '+' or '-' ? 1 : 0;
            if (length + 1 + sign < rest.Length && char.IsAsciiDigit(rest[length + 1 + sign]))
            {
                isFloat = true;
                length = CountDigits(rest, length + 1 + sign);
            }
        }

        var text = rest[..length].ToString().Replace("_", "", StringComparison.Ordinal);
        if (!isFloat && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            throw new ChatTemplateException(line, $"the number {text} is too large");
        return new Token(isFloat ? TokenKind.Float : TokenKind.Integer, text, line);
    }

    private static int CountDigits(ReadOnlySpan<char> text, int start)
    {
        while (start < text.Length && (char.IsAsciiDigit(text[start]) || (text[start] == '_' && start + 1 < text.Length && char.IsAsciiDigit(text[start + 1])))) start++;
        return start;
    }
}
