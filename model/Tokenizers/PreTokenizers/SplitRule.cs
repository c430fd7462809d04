namespace Cluster.Model.Tokenizers.PreTokenizers;

/// <summary>
/// One step of a pre-tokenizer: cuts every word that the steps before it left into its matches, found from left to right, and what
/// lies between them. Stands for one regular expression of a tokenizer's definition. Rules hold no state and look at each code
/// point a bounded number of times.
/// </summary>
internal abstract class SplitRule
{
    public void Apply(ClassifiedText text)
    {
        for (int start = 0; start < text.Length;)
        {
            int end = text.WordEnd(start);
            for (int position = start; position < end && TryFind(text, position, end, out int matchStart, out int matchEnd);)
            {
                if (matchStart > start)
                    text.EndWord(matchStart);
                text.EndWord(matchEnd);
                position = matchEnd;
            }
            start = end;
        }
    }

    /// <summary>First match in [from, end), as if the text ended there. Matches are never empty.</summary>
    protected abstract bool TryFind(ClassifiedText text, int from, int end, out int matchStart, out int matchEnd);
}
