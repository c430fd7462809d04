using Cluster.Model.Tokenizers.PreTokenizers;

namespace Cluster.Model.Tokenizers;

/// <summary>
/// Byte-level BPE (<c>tokenizer.ggml.model = gpt2</c>): text is cut into words, words into bytes, and bytes merge by the rules of the
/// vocabulary (Radford et al. 2019, "Language Models are Unsupervised Multitask Learners").
/// </summary>
internal sealed class BytePairTokenizer : Tokenizer
{
    private readonly PreTokenizer _preTokenizer;
    private readonly MergeTable _merges;

    public BytePairTokenizer(TokenizerVocabulary vocabulary, PreTokenizer preTokenizer)
        : this(vocabulary, preTokenizer, new TokenKinds(vocabulary))
    {
    }

    private BytePairTokenizer(TokenizerVocabulary vocabulary, PreTokenizer preTokenizer, TokenKinds kinds)
        : base(vocabulary, kinds, BuildTable(vocabulary.Tokens, kinds))
    {
        _preTokenizer = preTokenizer;
        _merges = new MergeTable(vocabulary.Merges);
    }

    internal override bool AddsSpacePrefix => false;

    private protected override void EncodeText(ReadOnlySpan<char> text, bool followsText, List<int> ids)
    {
        using var classified = new ClassifiedText(text);
        _preTokenizer.Split(classified);
        var merger = new SymbolMerger<BytePairMergeRule>(new BytePairMergeRule(_merges));
        for (int start = 0; start < classified.Length;)
        {
            int end = classified.WordEnd(start);
            EncodeWord(classified.Utf8(start, end), merger, ids);
            start = end;
        }
    }

    private void EncodeWord(ReadOnlySpan<byte> word, SymbolMerger<BytePairMergeRule> merger, List<int> ids)
    {
        if (_preTokenizer.PrefersWholeWords && Tokens.Find(word) is >= 0 and var whole)
        {
            ids.Add(whole);
            return;
        }
        merger.Clear();
        for (int i = 0; i < word.Length; i++)
            merger.Add(i);
        merger.Merge(word);
        for (int position = 0; merger.TryNext(ref position, out Range symbol);)
            AppendSymbol(word[symbol], ids);
    }

    private protected override int ByteId(byte value) => Tokens.Find([value]);

    /// <summary>Ordinary tokens are written in the byte-level alphabet, added ones as they are.</summary>
    private static TokenTable BuildTable(IUtf8StringList tokens, TokenKinds kinds)
    {
        var builder = new TokenTableBuilder(tokens);
        for (int id = 0; id < tokens.Count; id++)
        {
            ReadOnlySpan<byte> text = tokens[id];
            if (kinds.IsText(id))
                builder.Commit(ByteLevelAlphabet.Decode(text, builder.Reserve(text.Length)));
            else
                builder.Add(text);
        }
        return builder.Build(kinds);
    }
}
