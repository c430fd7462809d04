namespace Cluster.Model.Tokenizers.PreTokenizers;

/// <summary><c>[set]+</c>, <c>[set]</c>, <c>[set]{3}</c> or <c>\s?[set]+</c>.</summary>
/// <param name="set">The characters of a run.</param>
/// <param name="minLength">Shorter runs do not match.</param>
/// <param name="maxLength">Longer runs are several matches.</param>
/// <param name="takesSpaceBefore">Whether one white-space character before the run belongs to it.</param>
internal sealed class RunRule(
    CharacterSet set, int minLength = 1, int maxLength = int.MaxValue, bool takesSpaceBefore = false) : SplitRule
{
    protected override bool TryFind(ClassifiedText text, int from, int end, out int matchStart, out int matchEnd)
    {
        ReadOnlySpan<int> codePoints = text.CodePoints;
        ReadOnlySpan<CharacterClass> classes = text.Classes;
        for (int start = from; start < end; start++)
        {
            if (!set.Contains(codePoints[start], classes[start]))
                continue;

            int stop = start + 1;
            while (stop < end && stop - start < maxLength && set.Contains(codePoints[stop], classes[stop]))
                stop++;
            if (stop - start >= minLength)
            {
                bool hasSpaceBefore = takesSpaceBefore && start > from && classes[start - 1] == CharacterClass.Whitespace;
                (matchStart, matchEnd) = (hasSpaceBefore ? start - 1 : start, stop);
                return true;
            }
            start = stop;
        }
        (matchStart, matchEnd) = (end, end);
        return false;
    }
}
