namespace Cluster.Model.Tokenizers.PreTokenizers;

/// <summary>
/// <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>
/// (Llama 3; Qwen 2 with single digits).
/// </summary>
/// <param name="maxDigits">Most digits of one word.</param>
internal sealed class Llama3Rule(int maxDigits) : WordRule
{
    protected override int MatchEnd(ReadOnlySpan<int> codePoints, ReadOnlySpan<CharacterClass> classes, int start)
    {
        int contraction = ContractionLength(codePoints, start, ignoreCase: true);
        if (contraction > 0)
            return start + contraction;

        if (classes[start] == CharacterClass.Number)
            return RunEnd(classes[..Math.Min(start + maxDigits, classes.Length)], start, CharacterClass.Number);
        if (classes[start] == CharacterClass.Letter)
            return RunEnd(classes, start, CharacterClass.Letter);
        if (start + 1 < classes.Length && classes[start + 1] == CharacterClass.Letter && !IsLineBreak(codePoints[start]))
            return RunEnd(classes, start + 1, CharacterClass.Letter);

        int first = codePoints[start] == ' ' && start + 1 < classes.Length ? start + 1 : start;
        if (classes[first] is not (CharacterClass.Whitespace or CharacterClass.Number))
            return LineBreaksEnd(codePoints, MarksEnd(classes, first));

        int spaceEnd = RunEnd(classes, start, CharacterClass.Whitespace);
        int lastBreak = codePoints[start..spaceEnd].LastIndexOfAny('\r', '\n');
        return lastBreak >= 0 ? start + lastBreak + 1 : SpaceEnd(classes, start);
    }

    private static int LineBreaksEnd(ReadOnlySpan<int> codePoints, int start)
    {
        int length = codePoints[start..].IndexOfAnyExcept('\r', '\n');
        return length < 0 ? codePoints.Length : start + length;
    }

    private static bool IsLineBreak(int codePoint) => codePoint is '\r' or '\n';
}
