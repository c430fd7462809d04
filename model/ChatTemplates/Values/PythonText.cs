using System.Buffers;
using System.Text;

namespace Cluster.Model.ChatTemplates.Values;

/// <summary>What Python means by characters, spaces and lines: its texts are sequences of code points.</summary>
internal static class PythonText
{
    /// <summary>Where <c>splitlines</c> cuts.</summary>
    private static readonly SearchValues<char> s_lineBreaks = SearchValues.Create("\n\r\v\f\u001c\u001d\u001e\u0085\u2028\u2029");

    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    public static ReadOnlySpan<char> TrimEnd(ReadOnlySpan<char> text)
    {
        var end = text.Length;
        while (end > 0 && IsSpace(text[end - 1])) end--;
        return text[..end];
    }

    public static ReadOnlySpan<char> TrimStart(ReadOnlySpan<char> text)
    {
        var start = 0;
        while (start < text.Length && IsSpace(text[start])) start++;
        return text[start..];
    }

    /// <summary>In code points.</summary>
    public static int Length(string text)
    {
        var length = text.Length;
        for (var i = 1; i < text.Length; i++)
            if (char.IsSurrogatePair(text[i - 1], text[i])) length--;
        return length;
    }

    /// <summary>Each code point as a text.</summary>
    public static string[] Characters(string text)
    {
        var characters = new List<string>(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var length = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? 2 : 1;
            characters.Add(text.Substring(i, length));
            i += length;
        }

        return [.. characters];
    }

    public static bool HasPairs(string text) => text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');

    /// <summary>By code points.</summary>
    public static int Compare(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        for (var i = 0; i < length; i++)
        {
            if (left[i] == right[i]) continue;

            // A surrogate stands for a code point above all others.
            var isLeftPaired = char.IsSurrogate(left[i]);
            return isLeftPaired == char.IsSurrogate(right[i]) ? left[i] - right[i] : isLeftPaired ? 1 : -1;
        }

        return left.Length - right.Length;
    }

    /// <summary>Lines without their breaks; no empty one after a last break.</summary>
    public static List<object?> SplitLines(string text)
    {
        var lines = new List<object?>();
        for (var start = 0; start < text.Length;)
        {
            var length = text.AsSpan(start).IndexOfAny(s_lineBreaks);
            if (length < 0) length = text.Length - start;
            lines.Add(text.Substring(start, length));
            start += length;
            start += start + 1 < text.Length && text[start] == '\r' && text[start + 1] == '\n' ? 2 : 1;
        }

        return lines;
    }

    public static string Capitalize(string text) => text.Length == 0 ? text : Upper(text[..1]) + Lower(text[1..]);

    /// <summary>First letter of each run of letters large, the others small.</summary>
    public static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        var isInWord = false;
        foreach (var c in text)
        {
            result.Append(isInWord ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c));
            isInWord = char.IsLetter(c);
        }

        return result.ToString();
    }

    public static string Upper(string text) => text.ToUpperInvariant();

    // Small letters are what is asked for here, not a normal form.
#pragma warning disable CA1308
    public static string Lower(string text) => text.ToLowerInvariant();
#pragma warning restore CA1308
}
