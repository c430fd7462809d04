namespace Cluster.Compute.Steps;

/// <summary>What one rank of the last stage returns for a step. Reused from step to step.</summary>
public sealed class StepOutput
{
    /// <summary>One entry for each of the step's <see cref="StepBatch.LogitsRows"/>.</summary>
    public GrowingArray<LogitsSummary> Summaries { get; } = new();

    /// <summary>Token ids in the whole vocabulary.</summary>
    public GrowingArray<int> CandidateIds { get; } = new();

    /// <summary>Raw logits (no temperature, no noise), beside <see cref="CandidateIds"/>.</summary>
    public GrowingArray<float> CandidateLogits { get; } = new();

    public GrowingArray<int> RequestedIds { get; } = new();

    public GrowingArray<float> RequestedLogits { get; } = new();

    /// <summary>One entry for each row of a step that compares; else none.</summary>
    public GrowingArray<LogitsDivergence> Divergences { get; } = new();

    /// <summary>
    /// For each of <see cref="StepBatch.PooledRanges"/> the sum of its tokens' hidden states, one after the other; of the first rank only.
    /// </summary>
    public GrowingArray<double> PooledSums { get; } = new();

    public void Clear()
    {
        Summaries.Clear();
        CandidateIds.Clear();
        CandidateLogits.Clear();
        RequestedIds.Clear();
        RequestedLogits.Clear();
        Divergences.Clear();
        PooledSums.Clear();
    }
}
