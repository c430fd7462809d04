using System.Collections.Immutable;
using Cluster.Coordinator.Planning.Costs;

namespace Cluster.Coordinator.Planning.Search;

/// <summary>The split that was chosen, and what it was chosen over.</summary>
internal sealed record SplitChoice
{
    public required SplitCandidate Chosen { get; init; }

    /// <summary>Splits of other sizes, the best of each, from the fastest on.</summary>
    public required ImmutableArray<RejectedSplit> Rejected { get; init; }

    public required ImmutableArray<SpareWorker> Spares { get; init; }

    /// <summary>The step that decides.</summary>
    public required StepShape Step { get; init; }

    /// <summary>Splits whose time was predicted in full.</summary>
    public required int Considered { get; init; }
}
