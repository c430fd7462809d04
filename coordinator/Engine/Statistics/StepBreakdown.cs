using System.Collections.Immutable;

namespace Cluster.Coordinator.Engine.Statistics;

/// <summary>
/// Where the time of a number of steps went, seen from the coordinator. The time of a step is <see cref="Ranks"/>' slowest one, then
/// <see cref="Stream"/>, <see cref="Sampling"/> and <see cref="Scheduling"/>.
/// </summary>
internal sealed record StepBreakdown
{
    public required long Steps { get; init; }

    /// <summary>Tokens that they took in.</summary>
    public required long Tokens { get; init; }

    /// <summary>Everything, from the end of the step before where one followed the other at once.</summary>
    public required TimeSpan Total { get; init; }

    /// <summary>Requests to the ranks and answers from them, beyond what the slowest rank needed: coding, streams, threads woken.</summary>
    public required TimeSpan Stream { get; init; }

    /// <summary>Choosing tokens from the ranks' candidates.</summary>
    public required TimeSpan Sampling { get; init; }

    /// <summary>The rest on the coordinator: texts handed over, the next batch chosen, its request built.</summary>
    public TimeSpan Scheduling => Total - Stream - Sampling - Slowest;

    /// <summary>What the slowest rank of each step took, as far as nothing else is counted meanwhile.</summary>
    public required TimeSpan Slowest { get; init; }

    /// <summary>Bytes sent between all processes.</summary>
    public required long WireBytes { get; init; }

    /// <summary>By rank. What a rank lacks to <see cref="Total"/> it had nothing to do.</summary>
    public required ImmutableArray<RankTimes> Ranks { get; init; }

    /// <summary>What came after <paramref name="earlier"/>.</summary>
    public StepBreakdown Since(StepBreakdown earlier) => new()
    {
        Steps = Steps - earlier.Steps,
        Tokens = Tokens - earlier.Tokens,
        Total = Total - earlier.Total,
        Stream = Stream - earlier.Stream,
        Sampling = Sampling - earlier.Sampling,
        Slowest = Slowest - earlier.Slowest,
        WireBytes = WireBytes - earlier.WireBytes,
        Ranks = [.. Ranks.Zip(earlier.Ranks, (now, then) => now - then)],
    };
}
