namespace Cluster.Model.Sampling;

/// <summary>One rank's answer to a <see cref="CandidateQuery"/>, for its part of the vocabulary. Logits are raw.</summary>
/// <param name="LogSumExp">ln Σ exp(logit / temperature) over the whole part, requested ids included.</param>
/// <param name="LogSumExpPlain">The same at temperature 1.</param>
/// <param name="CandidateIds">Best first, the lower id first among equals; fewer than asked only when the part has no more.</param>
/// <param name="CandidateLogits">Beside <paramref name="CandidateIds"/>.</param>
/// <param name="RequestedIds">Those requested ids that are in the part.</param>
/// <param name="RequestedLogits">Beside <paramref name="RequestedIds"/>.</param>
public readonly record struct RankCandidates(
    double LogSumExp,
    double LogSumExpPlain,
    ReadOnlyMemory<int> CandidateIds,
    ReadOnlyMemory<float> CandidateLogits,
    ReadOnlyMemory<int> RequestedIds,
    ReadOnlyMemory<float> RequestedLogits);
