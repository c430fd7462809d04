using System.Collections.Immutable;

namespace Cluster.Coordinator.Benchmarking.Serving;

/// <summary>What a server is asked, and how often.</summary>
internal sealed record ServingOptions
{
    /// <summary>One after the other.</summary>
    public required ImmutableArray<Load> Loads { get; init; }

    public required TokenRange PromptTokens { get; init; }

    public required TokenRange OutputTokens { get; init; }

    /// <summary>Requests of each load; null where its duration ends it.</summary>
    public int? Requests { get; init; }

    /// <summary>After this time no request is begun; null where their number ends the load.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>A stream that has begun and brings nothing for so long is stalled, and given up.</summary>
    public TimeSpan StallAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A request that has not begun to be answered after this time has failed.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The same seed asks the same.</summary>
    public int Seed { get; init; }
}
