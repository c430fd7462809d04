using System.Text;

namespace Cluster.Model.Tokenizers;

/// <summary>
/// Text of tokens as they come, one at a time. Bytes of a character that is not complete yet are held back, so the text never
/// splits one; bytes that no later one can make valid become U+FFFD. For one sequence and one thread.
/// </summary>
public sealed class StreamingDetokenizer
{
    private readonly Tokenizer _tokenizer;
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private char[] _characters = new char[32];
    private bool _dropsSpace;

    /// <param name="tokenizer">Of the model that gives the tokens.</param>
    /// <param name="precedingIds">
    /// The tokens before the first one to come (the prompt). With none, or only control tokens, a text starts here: the space that
    /// encoding would put before it is left out, as <see cref="Tokenizer.Decode"/> does.
    /// </param>
    public StreamingDetokenizer(Tokenizer tokenizer, ReadOnlySpan<int> precedingIds = default)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _tokenizer = tokenizer;
        _dropsSpace = tokenizer.AddsSpacePrefix;
        foreach (int id in precedingIds)
            _dropsSpace &= tokenizer.TokenBytes(id).IsEmpty;
    }

    /// <summary>Text that this token completes; empty for control tokens and parts of characters.</summary>
    public string Append(int id)
    {
        ReadOnlySpan<byte> bytes = _tokenizer.TokenBytes(id).Span;
        if (bytes.IsEmpty)
            return "";
        if (_dropsSpace && bytes[0] == ' ')
            bytes = bytes[1..];
        _dropsSpace = false;
        return Convert(bytes, flush: false);
    }

    /// <summary>U+FFFD for bytes still held back, or nothing. Ends the text: another may be started after it.</summary>
    public string Flush() => Convert([], flush: true);

    private string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        int needed = Encoding.UTF8.GetMaxCharCount(bytes.Length + 4); // 4: more than can be held back
        if (_characters.Length < needed)
            _characters = new char[needed];
        int written = _decoder.GetChars(bytes, _characters, flush);
        return written == 0 ? "" : new string(_characters, 0, written);
    }
}
