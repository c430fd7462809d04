namespace Cluster.Model.Tokenizers.PreTokenizers;

/// <summary><c>\s+$</c>: white space at the end.</summary>
internal sealed class TrailingSpaceRule : SplitRule
{
    protected override bool TryFind(ClassifiedText text, int from, int end, out int matchStart, out int matchEnd)
    {
        ReadOnlySpan<CharacterClass> classes = text.Classes;
        matchStart = end;
        while (matchStart > from && classes[matchStart - 1] == CharacterClass.Whitespace)
            matchStart--;
        matchEnd = end;
        return matchStart < end;
    }
}
