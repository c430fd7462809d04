using Cluster.Model.Gguf;

namespace Cluster.Model.Tokenizers;

/// <summary>Reads and checks the vocabulary in a file's metadata.</summary>
internal static class TokenizerVocabularyReader
{
    private const int MaxTokens = 1 << 24;
    private const int MaxMerges = 1 << 24;

    /// <summary>Vocabulary of a byte-level BPE tokenizer.</summary>
    /// <param name="metadata">Of the model's file.</param>
    /// <param name="addsBos">Whether prompts start with BOS where the file does not say.</param>
    /// <exception cref="GgufFormatException">The vocabulary is missing or malformed.</exception>
    public static TokenizerVocabulary ReadBytePair(GgufMetadata metadata, bool addsBos)
    {
        GgufUtf8StringList merges = ReadStrings(metadata, TokenizerKeys.Merges);
        if (merges.Count > MaxMerges)
            throw Error(metadata, $"{TokenizerKeys.Merges} has {merges.Count} merges (supported: up to {MaxMerges})");
        return Read(metadata, addsBos, new DefaultIds(null, null, null)) with { Merges = merges };
    }

    /// <summary>Vocabulary of a SentencePiece tokenizer.</summary>
    /// <exception cref="GgufFormatException">The vocabulary is missing or malformed.</exception>
    public static TokenizerVocabulary ReadSentencePiece(GgufMetadata metadata)
    {
        TokenizerVocabulary vocabulary = Read(metadata, addsBos: true, new DefaultIds(Bos: 1, Eos: 2, Unknown: 0));
        float[] scores = metadata.TryGetSingleArray(TokenizerKeys.Scores, out float[]? values) ? values : [];
        CheckCovers(metadata, TokenizerKeys.Scores, scores.Length, vocabulary.Tokens.Count);
        return vocabulary with
        {
            Scores = scores,
            AddSpacePrefix = metadata.GetBoolean(TokenizerKeys.AddSpacePrefix, defaultValue: true),
        };
    }

    private static TokenizerVocabulary Read(GgufMetadata metadata, bool addsBos, DefaultIds defaults)
    {
        GgufUtf8StringList tokens = ReadStrings(metadata, TokenizerKeys.Tokens);
        if (tokens.Count is 0 or > MaxTokens)
            throw Error(metadata, $"{TokenizerKeys.Tokens} has {tokens.Count} tokens (supported: 1 to {MaxTokens})");
        for (int id = 0; id < tokens.Count; id++)
        {
            if (tokens[id].Length > TokenTable.MaxTokenBytes)
                throw Error(metadata, $"token {id} has {tokens[id].Length} bytes (supported: up to {TokenTable.MaxTokenBytes})");
        }

        int? bos = ReadId(metadata, TokenizerKeys.BosId, tokens.Count, defaults.Bos);
        int? eos = ReadId(metadata, TokenizerKeys.EosId, tokens.Count, defaults.Eos);
        int? unknown = ReadId(metadata, TokenizerKeys.UnknownId, tokens.Count, defaults.Unknown);
        int?[] otherEnds =
        [
            ReadId(metadata, TokenizerKeys.EndOfTurnId, tokens.Count, null),
            ReadId(metadata, TokenizerKeys.EndOfMessageId, tokens.Count, null),
        ];
        return new TokenizerVocabulary
        {
            Tokens = tokens,
            Types = ReadTypes(metadata, tokens, bos, eos, unknown),
            BosId = bos,
            EosId = eos,
            UnknownId = unknown,
            EndOfGenerationIds = [.. otherEnds.OfType<int>()],
            AddBos = ReadAdds(metadata, TokenizerKeys.AddBos, addsBos, TokenizerKeys.BosId, bos),
            AddEos = ReadAdds(metadata, TokenizerKeys.AddEos, false, TokenizerKeys.EosId, eos),
        };
    }

    private static GgufUtf8StringList ReadStrings(GgufMetadata metadata, string key) =>
        metadata.TryGetUtf8Array(key, out GgufStringArray? strings)
            ? new GgufUtf8StringList(strings)
            : throw Error(metadata, $"metadata key '{key}' is missing");

    /// <summary>An id that names no token counts as not given: files in circulation have such, mostly for padding.</summary>
    private static int? ReadId(GgufMetadata metadata, string key, int tokenCount, int? defaultId)
    {
        uint? given = metadata.Contains(key) ? metadata.GetUInt32(key) : null;
        if (given < (uint)tokenCount)
            return (int)given;
        return defaultId < tokenCount ? defaultId : null;
    }

    private static bool ReadAdds(GgufMetadata metadata, string key, bool defaultValue, string idKey, int? id)
    {
        if (id is not null)
            return metadata.GetBoolean(key, defaultValue);
        return metadata.GetBoolean(key, false)
            ? throw Error(metadata, $"{key} is true, but {idKey} names no token")
            : false;
    }

    private static TokenType[] ReadTypes(GgufMetadata metadata, GgufUtf8StringList tokens, int? bos, int? eos, int? unknown)
    {
        if (metadata.TryGetInt32Array(TokenizerKeys.TokenTypes, out int[]? values))
        {
            CheckCovers(metadata, TokenizerKeys.TokenTypes, values.Length, tokens.Count);
            return Array.ConvertAll(values, value => Enum.IsDefined((TokenType)value) ? (TokenType)value : TokenType.Undefined);
        }

        var types = new TokenType[tokens.Count];
        for (int id = 0; id < types.Length; id++)
            types[id] = ByteToken.TryParse(tokens[id], out _) ? TokenType.Byte : TokenType.Normal;
        if (unknown is not null)
            types[unknown.Value] = TokenType.Unknown;
        if (bos is not null)
            types[bos.Value] = TokenType.Control;
        if (eos is not null)
            types[eos.Value] = TokenType.Control;
        return types;
    }

    private static void CheckCovers(GgufMetadata metadata, string key, int length, int tokenCount)
    {
        if (metadata.Contains(key) && length < tokenCount)
            throw Error(metadata, $"{key} has {length} elements for {tokenCount} tokens");
    }

    private static GgufFormatException Error(GgufMetadata metadata, string problem) => new(problem, metadata.File);

    private readonly record struct DefaultIds(int? Bos, int? Eos, int? Unknown);
}
