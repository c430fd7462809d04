namespace Cluster.Model.Sampling;

/// <summary>
/// What the ranks of the last stage are asked about one row of logits. Each answers for its part of the vocabulary with
/// <see cref="RankCandidates"/>.
/// </summary>
/// <param name="CandidateCount">Best tokens that each rank returns, the requested ids not among them.</param>
/// <param name="Temperature">Divides logits in the log-sum-exp and, with noise, in the candidates' order. Above 0; 1 for greedy.</param>
/// <param name="NoiseSeed">
/// Null: candidates are the highest logits. Else: the highest <see cref="GumbelNoise.Score"/> under this seed.
/// </param>
/// <param name="Position">Position of the token that is being chosen: the number of tokens before it. Keys the noise.</param>
/// <param name="RequestedIds">
/// Token ids whose logits are returned whatever they are; ascending, no duplicates. The memory belongs to the sampler that made the query
/// and is valid until it makes the next one.
/// </param>
public readonly record struct CandidateQuery(
    int CandidateCount, float Temperature, ulong? NoiseSeed, int Position, ReadOnlyMemory<int> RequestedIds)
{
    /// <summary>Asks for the most probable tokens and for given ones, as <see cref="LogProbs"/> evaluates them. Nothing is sampled.</summary>
    public static CandidateQuery ForScoring(int position, int topCount, ReadOnlyMemory<int> targets) => new(topCount, 1, null, position, targets);
}
