using System.Collections.Immutable;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning.Costs;
using Cluster.Model.Sharding;

namespace Cluster.Coordinator.Planning.Search;

/// <summary>A split that was looked at, and how long its steps are thought to take.</summary>
internal sealed record SplitCandidate
{
    public required ShardPlan Shards { get; init; }

    /// <summary>The worker of each rank.</summary>
    public required ImmutableArray<Member> Workers { get; init; }

    public required ImmutableArray<double> Shares { get; init; }

    /// <summary>Of the step that decides.</summary>
    public required StepPrediction Decode { get; init; }

    /// <summary>Of a prompt's chunk.</summary>
    public required StepPrediction Prefill { get; init; }

    /// <summary>Why it cannot be: the device that is too small.</summary>
    public string? Problem { get; init; }

    public (int TensorParallel, int Pipeline) Size => (Shards.TensorParallelSize, Shards.PipelineSize);

    /// <summary>Whether ranks of one stage get unlike parts on purpose.</summary>
    public bool IsUneven => Enumerable.Range(0, Shards.WorldSize).Any(rank => Math.Abs(Shares[rank] / Shares[rank / Size.TensorParallel * Size.TensorParallel] - 1) > 1e-9);
}
