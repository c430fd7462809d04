namespace Cluster.Coordinator.Planning.Costs;

/// <summary>What a step takes in.</summary>
/// <param name="Sequences">Texts in the step; the logits of each one's last token are wanted.</param>
/// <param name="TokensOfEach">New tokens of each.</param>
/// <param name="Context">Tokens of each that are in the cache before.</param>
internal readonly record struct StepShape(int Sequences, int TokensOfEach, int Context)
{
    public long Tokens => (long)Sequences * TokensOfEach;

    /// <summary>Tokens whose keys and values are read.</summary>
    public long CachedTokens => Sequences * ((long)Context + TokensOfEach);

    /// <summary>Pairs of a token and one that it attends to.</summary>
    public long AttendedTokens => Sequences * (TokensOfEach * (long)Context + TokensOfEach * (TokensOfEach + 1L) / 2);

    public static StepShape Decode(int sequences, int context) => new(sequences, 1, context);

    public static StepShape Prefill(int tokens) => new(1, tokens, 0);
}
