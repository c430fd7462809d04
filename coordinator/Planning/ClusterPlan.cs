using System.Collections.Immutable;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning.Search;
using Cluster.Model.Sharding;

namespace Cluster.Coordinator.Planning;

/// <summary>Which worker holds what, and how large the cache is. Immutable; a change is a new plan with a higher version.</summary>
internal sealed record ClusterPlan
{
    public required ShardPlan Shards { get; init; }

    /// <summary>The worker of each rank.</summary>
    public required ImmutableArray<Member> Workers { get; init; }

    /// <summary>What each rank's shard takes.</summary>
    public required ImmutableArray<ShardSize> Sizes { get; init; }

    public required PlanOptions Options { get; init; }

    /// <summary>Tokens of one sequence at most.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Blocks of the KV cache, the same on every rank.</summary>
    public required int BlockCount { get; init; }

    /// <summary>What the split was chosen over; null when it was asked for.</summary>
    public SplitChoice? Choice { get; init; }

    public ulong Version => (ulong)Shards.Version;

    /// <summary>Bytes of keys and values of one token, all ranks together.</summary>
    public long KvBytesPerToken => Sizes.Sum(size => size.KvBytesPerToken);
}
