namespace Cluster.Model.Tokenizers;

/// <summary>
/// What a tokenizer is built from: the <c>tokenizer.ggml.*</c> keys of a file, checked against each other so that every id in it
/// names a token.
/// </summary>
internal sealed record TokenizerVocabulary
{
    /// <summary>Texts by id: in the byte-level alphabet for BPE, with <c>▁</c> for a space in SPM.</summary>
    public required IUtf8StringList Tokens { get; init; }

    /// <summary>By id; missing ones are <see cref="TokenType.Undefined"/>.</summary>
    public TokenType[] Types { get; init; } = [];

    /// <summary>Log-probabilities by id (SPM); missing ones are 0.</summary>
    public float[] Scores { get; init; } = [];

    /// <summary>Pairs "left right" in order of rank (BPE).</summary>
    public IUtf8StringList Merges { get; init; } = new Utf8StringList([]);

    public int? BosId { get; init; }
    public int? EosId { get; init; }
    public int? UnknownId { get; init; }

    /// <summary>Ends of turn, message and so on that the file names, besides <see cref="EosId"/>.</summary>
    public IReadOnlyList<int> EndOfGenerationIds { get; init; } = [];

    public bool AddBos { get; init; }
    public bool AddEos { get; init; }

    /// <summary>Whether text is encoded as if a space stood before it (SPM).</summary>
    public bool AddSpacePrefix { get; init; }

    public TokenType TypeOf(int id) => id < Types.Length ? Types[id] : TokenType.Undefined;
}
