using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Cluster.Model.Tokenizers;

/// <summary>Finds the texts of special tokens in a text: the leftmost, of those the longest.</summary>
internal sealed class SpecialTokenMatcher
{
    private readonly string[] _texts; // in ordinal order, so that those with a common prefix lie together
    private readonly int[] _ids;
    private readonly SearchValues<char> _firstCharacters;

    public SpecialTokenMatcher(TokenTable tokens, List<int> ids)
    {
        _ids = [.. ids.Where(id => !tokens[id].IsEmpty && Utf8.IsValid(tokens[id]))];
        _texts = [.. _ids.Select(id => Encoding.UTF8.GetString(tokens[id]))];
        Array.Sort(_texts, _ids, StringComparer.Ordinal);
        _firstCharacters = SearchValues.Create([.. _texts.Select(text => text[0]).Distinct()]);
    }

    /// <summary>Index of the first special token in <paramref name="text"/>, or -1.</summary>
    public int Find(ReadOnlySpan<char> text, out int id, out int length)
    {
        for (int start = 0; ; start++)
        {
            int skipped = text[start..].IndexOfAny(_firstCharacters);
            if (skipped < 0)
                break;
            start += skipped;
            int match = LongestPrefix(text[start..]);
            if (match >= 0)
            {
                (id, length) = (_ids[match], _texts[match].Length);
                return start;
            }
        }
        (id, length) = (-1, 0);
        return -1;
    }

    /// <summary>Index of the longest of the texts with which <paramref name="text"/> starts, or -1.</summary>
    private int LongestPrefix(ReadOnlySpan<char> text)
    {
        int longest = -1;
        int low = 0;
        int high = _texts.Length;
        for (int depth = 0; low < high; depth++)
        {
            // All texts in [low, high) share the first `depth` characters; one that ends here sorts first.
            if (_texts[low].Length == depth)
                longest = low++;
            while (low < high && _texts[low].Length == depth)
                low++;
            if (depth == text.Length)
                break;
            low = LowerBound(low, high, depth, text[depth]);
            high = LowerBound(low, high, depth, text[depth] + 1);
        }
        return longest;
    }

    /// <summary>First index in [low, high) whose text has at least <paramref name="character"/> at <paramref name="depth"/>.</summary>
    private int LowerBound(int low, int high, int depth, int character)
    {
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_texts[middle][depth] < character)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
