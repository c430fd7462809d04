namespace Cluster.Coordinator.Engine.Statistics;

/// <summary>Where the time of an engine's steps went since it began.</summary>
/// <param name="Prefill">Of steps that took in several tokens of some sequence, others' decodes included.</param>
/// <param name="Decode">Of steps with one token of each sequence.</param>
internal sealed record EngineStatistics(StepBreakdown Prefill, StepBreakdown Decode)
{
    /// <summary>Of no steps on no ranks.</summary>
    public static EngineStatistics None { get; } = new(new StepTotals(0).ToBreakdown(), new StepTotals(0).ToBreakdown());

    /// <summary>What came after <paramref name="earlier"/>.</summary>
    public EngineStatistics Since(EngineStatistics earlier) => new(Prefill.Since(earlier.Prefill), Decode.Since(earlier.Decode));
}
