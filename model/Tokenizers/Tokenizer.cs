using System.Buffers;
using System.Text;

namespace Cluster.Model.Tokenizers;

/// <summary>
/// Text to token ids and back, as a model's file defines it. Immutable: safe for any number of threads. Ids outside the vocabulary
/// (a model may have more logits than tokens) stand for no text.
/// </summary>
public abstract class Tokenizer
{
    private readonly TokenKinds _kinds;
    private readonly TokenTable _tokens;
    private readonly int _unknownId; // or -1
    private readonly SpecialTokenMatcher _addedText;
    private readonly SpecialTokenMatcher _allSpecial;

    private protected Tokenizer(TokenizerVocabulary vocabulary, TokenKinds kinds, TokenTable tokens)
    {
        _kinds = kinds;
        _tokens = tokens;
        _unknownId = vocabulary.UnknownId ?? -1;
        BosId = vocabulary.BosId;
        EosId = vocabulary.EosId;
        AddBosByDefault = vocabulary.AddBos;
        AddEosByDefault = vocabulary.AddEos;
        _addedText = new SpecialTokenMatcher(tokens, kinds.IdsOf(TokenType.UserDefined));
        _allSpecial = new SpecialTokenMatcher(
            tokens, kinds.IdsOf(TokenType.UserDefined, TokenType.Control, TokenType.Unknown));
    }

    public int VocabularySize => _tokens.Count;

    public int? BosId { get; }

    public int? EosId { get; }

    /// <summary>Whether <see cref="Encode"/> with special tokens puts <see cref="BosId"/> first.</summary>
    public bool AddBosByDefault { get; }

    /// <summary>Whether <see cref="Encode"/> with special tokens puts <see cref="EosId"/> last.</summary>
    public bool AddEosByDefault { get; }

    private protected TokenTable Tokens => _tokens;

    /// <summary>Whether encoding puts a space before a text, which decoding must then take away.</summary>
    internal abstract bool AddsSpacePrefix { get; }

    /// <summary>Whether the model means by this token that it has finished: end of text, turn or message.</summary>
    public bool IsEndOfGeneration(int id) => IsInVocabulary(id) && _kinds.EndsGeneration(id);

    /// <summary>Whether the token is structure and not text.</summary>
    public bool IsControl(int id) => IsInVocabulary(id) && _kinds[id] == TokenType.Control;

    /// <summary>Token ids of a text. Unpaired surrogates count as U+FFFD.</summary>
    /// <param name="text">Any length; time is near-linear in it.</param>
    /// <param name="addSpecial">Whether to add BOS and EOS where the model wants them.</param>
    /// <param name="parseSpecial">
    /// Whether the texts of control tokens become these tokens. When false they are encoded as ordinary text, which is what text
    /// from outside needs. Tokens that the model's authors added as text of their own are matched either way.
    /// </param>
    public List<int> Encode(string text, bool addSpecial, bool parseSpecial)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>(text.Length / 4 + 4);
        if (addSpecial && AddBosByDefault && BosId is { } bos)
            ids.Add(bos);

        SpecialTokenMatcher special = parseSpecial ? _allSpecial : _addedText;
        bool followsText = false;
        for (int start = 0; start < text.Length;)
        {
            ReadOnlySpan<char> rest = text.AsSpan(start);
            int match = special.Find(rest, out int id, out int length);
            int ordinary = match < 0 ? rest.Length : match;
            if (ordinary > 0)
                EncodeText(rest[..ordinary], followsText, ids);
            if (match >= 0)
                ids.Add(id);
            followsText = match < 0;
            start += ordinary + length;
        }

        if (addSpecial && AddEosByDefault && EosId is { } eos)
            ids.Add(eos);
        return ids;
    }

    /// <summary>Raw bytes the token stands for, often part of a character only; empty for control tokens.</summary>
    public ReadOnlyMemory<byte> TokenBytes(int id) =>
        IsInVocabulary(id) && _kinds[id] is not (TokenType.Control or TokenType.Unknown) ? _tokens.Memory(id) : default;

    /// <summary>The token as text, control tokens too: for templates and displays, not for output.</summary>
    public string TokenText(int id) => IsInVocabulary(id) ? Encoding.UTF8.GetString(_tokens[id]) : "";

    /// <summary>
    /// Text of the tokens of a whole text; bytes that are not UTF-8 become U+FFFD. A space that encoding put before the text is left
    /// out. For tokens that continue a text, use <see cref="StreamingDetokenizer"/>.
    /// </summary>
    public string Decode(ReadOnlySpan<int> ids)
    {
        int length = 0;
        foreach (int id in ids)
            length += TokenBytes(id).Length;

        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        int written = 0;
        foreach (int id in ids)
        {
            ReadOnlySpan<byte> bytes = TokenBytes(id).Span;
            bytes.CopyTo(buffer.AsSpan(written));
            written += bytes.Length;
        }
        ReadOnlySpan<byte> utf8 = buffer.AsSpan(0, written);
        string text = Encoding.UTF8.GetString(AddsSpacePrefix && utf8.StartsWith(" "u8) ? utf8[1..] : utf8);
        ArrayPool<byte>.Shared.Return(buffer);
        return text;
    }

    /// <summary>Appends the ids of ordinary text.</summary>
    /// <param name="text">Not empty.</param>
    /// <param name="followsText">False at the start and after a special token.</param>
    /// <param name="ids">Where to append.</param>
    private protected abstract void EncodeText(ReadOnlySpan<char> text, bool followsText, List<int> ids);

    /// <summary>Token for one byte, or -1 where the vocabulary lacks it.</summary>
    private protected abstract int ByteId(byte value);

    /// <summary>
    /// Appends the token of a symbol that nothing more merges with, or the tokens of its bytes. A byte without a token becomes the
    /// unknown token or, where the vocabulary has none, nothing.
    /// </summary>
    private protected void AppendSymbol(ReadOnlySpan<byte> symbol, List<int> ids)
    {
        int id = _tokens.Find(symbol);
        if (id >= 0)
        {
            ids.Add(id);
            return;
        }
        foreach (byte value in symbol)
        {
            int byteId = ByteId(value);
            if (byteId < 0)
                byteId = _unknownId;
            if (byteId >= 0)
                ids.Add(byteId);
        }
    }

    private bool IsInVocabulary(int id) => (uint)id < (uint)_kinds.Count;
}
