using System.Text;
using Cluster.Model.Tokenizers;
using Cluster.Model.Tokenizers.PreTokenizers;

namespace Cluster.Model.Tests.Tokenizers;

/// <summary>Small vocabularies for tests.</summary>
internal static class TestVocabularies
{
    /// <summary>Every byte in the byte-level alphabet, so that the id of a byte is its value.</summary>
    public static IEnumerable<string> Bytes { get; } = BuildBytes();

    public static Utf8StringList List(IEnumerable<string> strings) => new([.. strings.Select(Encoding.UTF8.GetBytes)]);

    /// <summary>A byte-level BPE vocabulary of all bytes and what the merges make.</summary>
    public static TokenizerVocabulary BytePair(params string[] merges) => new()
    {
        Tokens = List([.. Bytes, .. merges.Select(merge => merge.Replace(" ", "")).Distinct()]),
        Merges = List(merges),
    };

    /// <summary>The vocabulary with more tokens behind its own.</summary>
    public static TokenizerVocabulary With(this TokenizerVocabulary vocabulary, params (string Text, TokenType Type)[] added)
    {
        int count = vocabulary.Tokens.Count;
        byte[][] texts =
        [
            .. Enumerable.Range(0, count).Select(id => vocabulary.Tokens[id].ToArray()),
            .. added.Select(token => Encoding.UTF8.GetBytes(token.Text)),
        ];
        return vocabulary with
        {
            Tokens = new Utf8StringList(texts),
            Types = [.. Enumerable.Range(0, count).Select(vocabulary.TypeOf), .. added.Select(token => token.Type)],
        };
    }

    /// <summary>An SPM vocabulary: unknown, BOS, EOS, the 256 bytes as ids 3 to 258, then pieces with their scores.</summary>
    public static TokenizerVocabulary SentencePiece(params (string Text, float Score)[] pieces) => new()
    {
        Tokens = List(
        [
            "<unk>", "<s>", "</s>",
            .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), .. pieces.Select(piece => piece.Text),
        ]),
        Types =
        [
            TokenType.Unknown, TokenType.Control, TokenType.Control,
            .. Enumerable.Repeat(TokenType.Byte, 256), .. Enumerable.Repeat(TokenType.Normal, pieces.Length),
        ],
        Scores = [.. new float[259], .. pieces.Select(piece => piece.Score)],
        BosId = 1,
        EosId = 2,
        UnknownId = 0,
        AddBos = true,
        AddSpacePrefix = true,
    };

    public static BytePairTokenizer Tokenizer(this TokenizerVocabulary vocabulary, string preTokenizer = "gpt-2") =>
        PreTokenizerRegistry.TryGet(preTokenizer, out PreTokenizer? found)
            ? new BytePairTokenizer(vocabulary, found)
            : throw new ArgumentException(preTokenizer, nameof(preTokenizer));

    private static string[] BuildBytes()
    {
        // As GPT-2's encoder defines it: printable characters stand for themselves, the rest follow from U+0100 on.
        var characters = new string[256];
        int next = 256;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (>= 33 and <= 126) or (>= 161 and <= 172) or (>= 174 and <= 255);
            characters[value] = ((char)(printable ? value : next++)).ToString();
        }
        return characters;
    }
}
