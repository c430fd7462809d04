using System.Collections.Immutable;

namespace Cluster.Coordinator.Planning.Costs;

/// <summary>How long a step of a plan is thought to take, in seconds.</summary>
internal sealed record StepPrediction
{
    /// <summary>The slowest rank of each stage, one stage after the other.</summary>
    public required double Compute { get; init; }

    /// <summary>All-reduces and what stages hand over.</summary>
    public required double Wire { get; init; }

    /// <summary>The coordinator's, for each step.</summary>
    public required double Overhead { get; init; }

    /// <summary>The longest that any rank waits for a slower one of its stage. Not to be added: the slower one computes meanwhile.</summary>
    public double Wait => Ranks.Max(rank => rank.Wait);

    public double Total => Compute + Wire + Overhead;

    public required ImmutableArray<RankPrediction> Ranks { get; init; }
}
