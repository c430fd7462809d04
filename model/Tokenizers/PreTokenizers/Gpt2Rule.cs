namespace Cluster.Model.Tokenizers.PreTokenizers;

/// <summary><c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c> (GPT-2).</summary>
internal sealed class Gpt2Rule : WordRule
{
    protected override int MatchEnd(ReadOnlySpan<int> codePoints, ReadOnlySpan<CharacterClass> classes, int start)
    {
        int contraction = ContractionLength(codePoints, start, ignoreCase: false);
        if (contraction > 0)
            return start + contraction;

        int first = codePoints[start] == ' ' && start + 1 < classes.Length ? start + 1 : start;
        return classes[first] switch
        {
            CharacterClass.Letter => RunEnd(classes, first, CharacterClass.Letter),
            CharacterClass.Number => RunEnd(classes, first, CharacterClass.Number),
            CharacterClass.Whitespace => SpaceEnd(classes, start),
            _ => MarksEnd(classes, first),
        };
    }
}
