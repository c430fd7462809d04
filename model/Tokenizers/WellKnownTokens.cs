namespace Cluster.Model.Tokenizers;

/// <summary>
/// Texts of tokens that end a generation in the published models. Files often name only one of theirs in the metadata, and some
/// give them the wrong type.
/// </summary>
internal static class WellKnownTokens
{
    private static readonly byte[][] EndOfGeneration =
    [
        [.. "<|endoftext|>"u8], // GPT-2 and many after it
        [.. "<|end_of_text|>"u8], // Llama 3, Granite
        [.. "<|eot_id|>"u8], // Llama 3
        [.. "<|eom_id|>"u8], // Llama 3.1
        [.. "<|im_end|>"u8], // ChatML
        [.. "<|end|>"u8], // Phi 3
        [.. "<end_of_turn>"u8], // Gemma
        [.. "<end_of_utterance>"u8], // SmolVLM
        [.. "<｜end▁of▁sentence｜>"u8], // DeepSeek
        [.. "<|EOT|>"u8], // DeepSeek Coder
        [.. "<|fim_pad|>"u8], // fill in the middle: the model went past the middle part
        [.. "<|repo_name|>"u8],
        [.. "<|file_sep|>"u8],
        [.. "</s>"u8],
        [.. "<EOT>"u8],
        [.. "_<EOT>"u8],
        [.. "[EOT]"u8],
        [.. "[EOS]"u8],
        [.. "<eos>"u8],
    ];

    /// <summary>Whether a token of this text and type ends a generation.</summary>
    public static bool EndsGeneration(ReadOnlySpan<byte> text, TokenType type)
    {
        if (text.Length is < 4 or > 32 || text[0] is not ((byte)'<' or (byte)'[' or (byte)'_'))
            return false;

        // "</s>" and the like may be ordinary text (a tag) in a vocabulary that does not mark them.
        bool marked = type is TokenType.Control or TokenType.UserDefined or TokenType.Unknown;
        if (!marked && !text.StartsWith("<|"u8) && !text.StartsWith("<｜"u8) && !text.StartsWith("<end_of_"u8))
            return false;

        foreach (byte[] known in EndOfGeneration)
        {
            if (text.SequenceEqual(known))
                return true;
        }
        return false;
    }
}
