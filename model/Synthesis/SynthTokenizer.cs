using Cluster.Model.Gguf;

namespace Cluster.Model.Synthesis;

/// <summary>
/// A working byte-level BPE vocabulary of any size: an end-of-text token, the 256 bytes, then letter strings of growing length
/// (aa, ab, … zz, aaa, …), each the merge of an earlier token and a letter. It encodes any text, and every id decodes.
/// </summary>
internal static class SynthTokenizer
{
    /// <summary>End of text and every byte.</summary>
    public const int MinimumSize = 1 + 256;

    private const string EndOfText = "<|endoftext|>";
    private const int Letters = 26;
    private const int NormalToken = 1; // token types of the GGUF format
    private const int ControlToken = 3;

    public static void AddMetadata(GgufWriter writer, int vocabularySize)
    {
        var tokens = new string[vocabularySize];
        var types = new int[vocabularySize];
        Array.Fill(types, NormalToken);
        tokens[0] = EndOfText;
        types[0] = ControlToken;
        for (int value = 0; value < 256; value++)
            tokens[1 + value] = ByteText((byte)value);
        var merges = new string[vocabularySize - MinimumSize];
        for (int i = 0; i < merges.Length; i++)
        {
            string text = LetterString(i);
            tokens[MinimumSize + i] = text;
            merges[i] = $"{text[..^1]} {text[^1]}";
        }

        writer.AddMetadata("tokenizer.ggml.model", "gpt2");
        writer.AddMetadata("tokenizer.ggml.pre", "gpt-2");
        writer.AddMetadata("tokenizer.ggml.tokens", tokens);
        writer.AddMetadata("tokenizer.ggml.token_type", types);
        writer.AddMetadata("tokenizer.ggml.merges", merges);
        writer.AddMetadata("tokenizer.ggml.bos_token_id", 0u);
        writer.AddMetadata("tokenizer.ggml.eos_token_id", 0u);
        writer.AddMetadata("tokenizer.ggml.add_bos_token", true);
    }

    // GPT-2's alphabet: printable Latin-1 stands for itself, the other bytes, in order, for U+0100 onwards.
    private static string ByteText(byte value)
    {
        if (IsPrintable(value))
            return ((char)value).ToString();
        int rank = 0;
        for (int before = 0; before < value; before++)
            rank += IsPrintable((byte)before) ? 0 : 1;
        return ((char)(256 + rank)).ToString();
    }

    private static bool IsPrintable(byte value) => value is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174);

    // The strings of two letters and more, shorter ones first, in alphabetical order.
    private static string LetterString(int index)
    {
        int length = 2;
        long count = Letters * Letters;
        long rest = index;
        while (rest >= count)
        {
            rest -= count;
            count *= Letters;
            length++;
        }
        return string.Create(length, rest, static (text, value) =>
        {
            for (int i = text.Length - 1; i >= 0; i--, value /= Letters)
                text[i] = (char)('a' + value % Letters);
        });
    }
}
