namespace Cluster.Model.Tokenizers.PreTokenizers;

/// <summary>How text is cut into words before BPE: merges never cross a word's ends.</summary>
/// <param name="Rules">Applied one after the other, each to the words of the one before.</param>
/// <param name="PrefersWholeWords">Whether a word that is a token becomes it, whatever the merges say.</param>
/// <param name="AddsBos">Whether prompts start with the BOS token where the file does not say.</param>
internal sealed record PreTokenizer(IReadOnlyList<SplitRule> Rules, bool PrefersWholeWords = false, bool AddsBos = false)
{
    /// <summary>Marks the ends of the text's words.</summary>
    public void Split(ClassifiedText text)
    {
        foreach (SplitRule rule in Rules)
            rule.Apply(text);
    }
}
