namespace Cluster.Model.Sampling;

/// <summary>A chosen token, or a further query without whose answers it is not certain.</summary>
public readonly record struct SampleResult
{
    public bool IsChosen => NextQuery is null;

    /// <summary>The chosen token, with its log-probability under the model.</summary>
    public TokenLogProb Token { get; private init; }

    /// <summary>The model's most probable tokens, best first, as many as were asked for.</summary>
    public ReadOnlyMemory<TokenLogProb> TopLogProbs { get; private init; }

    /// <summary>Null when a token is chosen. Else: ask the ranks this about the same row, and sample from the answers.</summary>
    public CandidateQuery? NextQuery { get; private init; }

    internal static SampleResult Chosen(TokenLogProb token, ReadOnlyMemory<TokenLogProb> topLogProbs) =>
        new() { Token = token, TopLogProbs = topLogProbs };

    internal static SampleResult NeedsMore(CandidateQuery query) => new() { NextQuery = query };
}
