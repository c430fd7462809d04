namespace Cluster.Model.Tokenizers.PreTokenizers;

/// <summary>Common part of the rules that cover all text by one alternation: every match starts where the last one ended.</summary>
internal abstract class WordRule : SplitRule
{
    protected sealed override bool TryFind(ClassifiedText text, int from, int end, out int matchStart, out int matchEnd)
    {
        matchStart = from;
        matchEnd = MatchEnd(text.CodePoints[..end], text.Classes[..end], from);
        return true;
    }

    /// <summary>End of the match at <paramref name="start"/>, after it.</summary>
    protected abstract int MatchEnd(ReadOnlySpan<int> codePoints, ReadOnlySpan<CharacterClass> classes, int start);

    /// <summary>Length of one of <c>'s 't 'm 'd 're 've 'll</c> at <paramref name="start"/>, or 0.</summary>
    protected static int ContractionLength(ReadOnlySpan<int> codePoints, int start, bool ignoreCase)
    {
        if (codePoints[start] != '\'' || start + 1 == codePoints.Length)
            return 0;
        int first = Fold(codePoints[start + 1], ignoreCase);
        if (first is 's' or 't' or 'm' or 'd')
            return 2;
        if (start + 2 == codePoints.Length)
            return 0;
        int second = Fold(codePoints[start + 2], ignoreCase);
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    /// <summary>End of the run of characters of one class.</summary>
    protected static int RunEnd(ReadOnlySpan<CharacterClass> classes, int start, CharacterClass characterClass)
    {
        int length = classes[start..].IndexOfAnyExcept(characterClass);
        return length < 0 ? classes.Length : start + length;
    }

    /// <summary>End of the run of characters that are neither letters, numbers nor white space.</summary>
    protected static int MarksEnd(ReadOnlySpan<CharacterClass> classes, int start)
    {
        int length = classes[start..].IndexOfAny(CharacterClass.Letter, CharacterClass.Number, CharacterClass.Whitespace);
        return length < 0 ? classes.Length : start + length;
    }

    /// <summary>
    /// <c>\s+(?!\S)|\s+</c>: white space up to its last character, which the word after it may want, or all of it at the end.
    /// </summary>
    protected static int SpaceEnd(ReadOnlySpan<CharacterClass> classes, int start)
    {
        int stop = RunEnd(classes, start, CharacterClass.Whitespace);
        return stop < classes.Length && stop - start > 1 ? stop - 1 : stop;
    }

    private static int Fold(int codePoint, bool ignoreCase) =>
        ignoreCase && codePoint is >= 'A' and <= 'Z' ? codePoint | 0x20 : codePoint;
}
