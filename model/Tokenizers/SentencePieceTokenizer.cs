using System.Buffers;
using System.Text;

namespace Cluster.Model.Tokenizers;

/// <summary>
/// SentencePiece BPE (<c>tokenizer.ggml.model = llama</c>): neighbouring characters merge into the most likely token, characters
/// without a token become their bytes' tokens (Kudo and Richardson 2018, "SentencePiece"). A space and U+2581, which stands for it
/// in the vocabulary, are the same.
/// </summary>
internal sealed class SentencePieceTokenizer : Tokenizer
{
    private readonly uint[] _priorities;
    private readonly int[] _byteIds = new int[256]; // -1 where the vocabulary lacks the byte

    public SentencePieceTokenizer(TokenizerVocabulary vocabulary)
        : this(vocabulary, new TokenKinds(vocabulary))
    {
    }

    private SentencePieceTokenizer(TokenizerVocabulary vocabulary, TokenKinds kinds)
        : base(vocabulary, kinds, BuildTable(vocabulary.Tokens, kinds))
    {
        AddsSpacePrefix = vocabulary.AddSpacePrefix;
        _priorities = new uint[VocabularySize];
        for (int id = 0; id < VocabularySize; id++)
            _priorities[id] = ScoreMergeRule.Priority(id < vocabulary.Scores.Length ? vocabulary.Scores[id] : 0);

        Array.Fill(_byteIds, -1);
        foreach (int id in kinds.IdsOf(TokenType.Byte))
        {
            if (ByteToken.TryParse(vocabulary.Tokens[id], out byte value))
                _byteIds[value] = id;
        }
    }

    internal override bool AddsSpacePrefix { get; }

    private static ReadOnlySpan<byte> SpaceMark => "▁"u8;

    private protected override void EncodeText(ReadOnlySpan<char> text, bool followsText, List<int> ids)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length + 1));
        int length = 0;
        if (AddsSpacePrefix && !followsText)
            buffer[length++] = (byte)' ';
        length += Encoding.UTF8.GetBytes(text, buffer.AsSpan(length));
        length = ReplaceSpaceMarks(buffer.AsSpan(0, length), buffer);
        EncodeUtf8(buffer.AsSpan(0, length), ids);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void EncodeUtf8(ReadOnlySpan<byte> utf8, List<int> ids)
    {
        var merger = new SymbolMerger<ScoreMergeRule>(new ScoreMergeRule(Tokens, _priorities));
        for (int start = 0; start < utf8.Length;)
        {
            Rune.DecodeFromUtf8(utf8[start..], out _, out int length);
            merger.Add(start);
            start += length;
        }
        merger.Merge(utf8);
        for (int position = 0; merger.TryNext(ref position, out Range symbol);)
            AppendSymbol(utf8[symbol], ids);
    }

    private protected override int ByteId(byte value) => _byteIds[value];

    private static TokenTable BuildTable(IUtf8StringList tokens, TokenKinds kinds)
    {
        var builder = new TokenTableBuilder(tokens);
        for (int id = 0; id < tokens.Count; id++)
        {
            ReadOnlySpan<byte> text = tokens[id];
            if (kinds[id] == TokenType.Byte && ByteToken.TryParse(text, out byte value))
                builder.Add([value]);
            else
                builder.Commit(ReplaceSpaceMarks(text, builder.Reserve(text.Length)));
        }
        return builder.Build(kinds);
    }

    /// <summary>Writes <paramref name="text"/> with a space for every U+2581; destination may be the same memory.</summary>
    private static int ReplaceSpaceMarks(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        int written = 0;
        while (!text.IsEmpty)
        {
            int mark = text.IndexOf(SpaceMark);
            int copied = mark < 0 ? text.Length : mark;
            text[..copied].CopyTo(destination[written..]);
            written += copied;
            if (mark < 0)
                break;
            destination[written++] = (byte)' ';
            text = text[(mark + SpaceMark.Length)..];
        }
        return written;
    }
}
