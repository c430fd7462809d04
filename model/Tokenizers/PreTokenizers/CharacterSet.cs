using System.Text;

namespace Cluster.Model.Tokenizers.PreTokenizers;

/// <summary>A set of characters: some classes, and some ranges of code points.</summary>
/// <param name="Classes">Any of these.</param>
/// <param name="Ranges">First and last code points, both included, in ascending order.</param>
internal sealed record CharacterSet(CharacterClass Classes, params (int First, int Last)[] Ranges)
{
    public static CharacterSet Of(CharacterClass classes, string characters = "") =>
        new(classes, [.. characters.EnumerateRunes().Select(rune => rune.Value).Order().Select(value => (value, value))]);

    /// <summary>Ranges written as in a regular expression's brackets, in ascending order: <c>A-Za-z_</c>.</summary>
    public static CharacterSet FromRanges(string pattern)
    {
        Rune[] runes = [.. pattern.EnumerateRunes()];
        var ranges = new List<(int, int)>();
        for (int i = 0; i < runes.Length; i++)
        {
            int first = runes[i].Value;
            if (i + 2 < runes.Length && runes[i + 1].Value == '-')
                i += 2;
            ranges.Add((first, runes[i].Value));
        }
        return new CharacterSet(CharacterClass.Other, [.. ranges]);
    }

    public bool Contains(int codePoint, CharacterClass characterClass)
    {
        if ((Classes & characterClass) != 0)
            return true;
        int low = 0;
        int high = Ranges.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (codePoint < Ranges[middle].First)
                high = middle - 1;
            else if (codePoint > Ranges[middle].Last)
                low = middle + 1;
            else
                return true;
        }
        return false;
    }
}
