using System.Collections.Immutable;
using Cluster.Coordinator.Engine.Statistics;

namespace Cluster.Coordinator.Benchmarking;

/// <summary>One test's result.</summary>
internal sealed record BenchmarkRow
{
    public required string Model { get; init; }

    public required SplitSize Split { get; init; }

    /// <summary>Threads of each worker, in the order of ranks.</summary>
    public required ImmutableArray<int> Threads { get; init; }

    public required SessionSetup Setup { get; init; }

    public required BenchmarkTest Test { get; init; }

    public required Spread TokensPerSecond { get; init; }

    public required Spread FirstTokenSeconds { get; init; }

    public required double WireBytesPerToken { get; init; }

    /// <summary>Where the time of all repetitions' steps went.</summary>
    public required StepBreakdown Steps { get; init; }

    /// <summary>What the kernels of ranks on GPUs took in steps behind these; null where they were not timed.</summary>
    public KernelBreakdown? Kernels { get; init; }

    /// <summary>What each rank's device did at most.</summary>
    public required ImmutableArray<RankLimits> Limits { get; init; }

    /// <summary>Bytes that all ranks together have to read for a token.</summary>
    public required double ReadBytesPerToken { get; init; }

    /// <summary>Multiply-adds of all ranks together for a token.</summary>
    public required double MultiplyAddsPerToken { get; init; }

    /// <summary>Share of the memory's bandwidth; null when it was not measured.</summary>
    public required LimitShare? Read { get; init; }

    /// <summary>Share of the integer products; null when they were not measured.</summary>
    public required LimitShare? MultiplyAdds { get; init; }
}
