namespace Cluster.Model.Tokenizers;

/// <summary>What every token is for: its type as the file gives it, put right where its text is a well-known one.</summary>
internal sealed class TokenKinds
{
    private readonly TokenType[] _types;
    private readonly bool[] _endsGeneration;

    public TokenKinds(TokenizerVocabulary vocabulary)
    {
        _types = new TokenType[vocabulary.Tokens.Count];
        _endsGeneration = new bool[_types.Length];
        for (int id = 0; id < _types.Length; id++)
        {
            TokenType type = vocabulary.TypeOf(id);
            _endsGeneration[id] = WellKnownTokens.EndsGeneration(vocabulary.Tokens[id], type);
            _types[id] = _endsGeneration[id] ? TokenType.Control : type;
        }
        foreach (int id in vocabulary.EndOfGenerationIds)
            _endsGeneration[id] = true;
        if (vocabulary.EosId is { } eos)
            _endsGeneration[eos] = true;
    }

    public int Count => _types.Length;

    public TokenType this[int id] => _types[id];

    public bool EndsGeneration(int id) => _endsGeneration[id];

    /// <summary>Whether ordinary text may become the token. Structure never comes from text: that would let text forge it.</summary>
    public bool IsText(int id) => _types[id] is TokenType.Normal or TokenType.Undefined or TokenType.Unused;

    public List<int> IdsOf(params ReadOnlySpan<TokenType> types)
    {
        var ids = new List<int>();
        for (int id = 0; id < _types.Length; id++)
        {
            if (types.Contains(_types[id]))
                ids.Add(id);
        }
        return ids;
    }
}
