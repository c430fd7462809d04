namespace Cluster.Compute.Steps;

/// <summary>What a rank returns for one <see cref="LogitsRow"/>, indexing into its <see cref="StepOutput"/>.</summary>
/// <param name="LogSumExp">ln Σ exp(logit / Temperature) over this rank's whole part of the vocabulary.</param>
/// <param name="LogSumExpPlain">The same at temperature 1, for log-probabilities.</param>
/// <param name="FirstCandidate">Its candidates in <see cref="StepOutput.CandidateIds"/>, best first.</param>
/// <param name="CandidateCount">Fewer than asked for only when this rank's part has no more.</param>
/// <param name="FirstRequested">Its requested ids of this rank's part in <see cref="StepOutput.RequestedIds"/>.</param>
/// <param name="RequestedCount">How many of the requested ids are in this rank's part.</param>
public readonly record struct LogitsSummary(
    float LogSumExp, float LogSumExpPlain, int FirstCandidate, int CandidateCount, int FirstRequested, int RequestedCount);
