using Cluster.Model.Gguf;
using Cluster.Model.Tokenizers.PreTokenizers;

namespace Cluster.Model.Tokenizers;

/// <summary>Makes the tokenizer that a model's file defines.</summary>
public static class TokenizerFactory
{
    private const string BytePair = "gpt2";
    private const string SentencePiece = "llama";

    /// <exception cref="GgufFormatException">
    /// The file has no tokenizer, one that is not supported, or a malformed vocabulary.
    /// </exception>
    public static Tokenizer Create(GgufMetadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        string model = metadata.GetString(TokenizerKeys.Model);
        switch (model)
        {
            case BytePair:
                PreTokenizer preTokenizer = ReadPreTokenizer(metadata);
                return new BytePairTokenizer(
                    TokenizerVocabularyReader.ReadBytePair(metadata, preTokenizer.AddsBos), preTokenizer);
            case SentencePiece:
                return new SentencePieceTokenizer(TokenizerVocabularyReader.ReadSentencePiece(metadata));
            default:
                throw NotSupported(metadata, "tokenizer model", model, [BytePair, SentencePiece]);
        }
    }

    /// <summary>Files from before pre-tokenizers had names get <c>default</c>.</summary>
    private static PreTokenizer ReadPreTokenizer(GgufMetadata metadata)
    {
        string name = metadata.TryGetString(TokenizerKeys.PreTokenizer, out string? given) && given.Length > 0 ? given : "default";
        return PreTokenizerRegistry.TryGet(name, out PreTokenizer? preTokenizer)
            ? preTokenizer
            : throw NotSupported(metadata, "pre-tokenizer", name, PreTokenizerRegistry.Names);
    }

    private static GgufFormatException NotSupported(GgufMetadata metadata, string what, string name, IEnumerable<string> supported) =>
        new($"{what} {GgufFormatException.Quote(name)} is not supported (supported: {string.Join(", ", supported)})", metadata.File);
}
