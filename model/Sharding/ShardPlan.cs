using System.Collections.Immutable;

namespace Cluster.Model.Sharding;

/// <summary>
/// How a model is split over ranks: pipeline stages of contiguous layers, each shared by the same number of tensor-parallel ranks.
/// Immutable; a change is a new plan with a higher <see cref="Version"/>.
/// </summary>
public sealed record ShardPlan
{
    /// <summary>Stamped on every step and frame, so that nothing of an earlier plan is taken for the current one.</summary>
    public required long Version { get; init; }

    public required int TensorParallelSize { get; init; }

    /// <summary>Number of pipeline stages.</summary>
    public required int PipelineSize { get; init; }

    /// <summary>Index = rank = stage · <see cref="TensorParallelSize"/> + tensor rank.</summary>
    public required ImmutableArray<Shard> Shards { get; init; }

    public int WorldSize => Shards.Length;

    /// <summary>KV heads of a rank's that no lower rank of its stage holds too: each layer's heads, every one of them once over the stage.</summary>
    public IndexRange FirstHeldKvHeads(int rank)
    {
        Shard shard = Shards[rank];
        int start = shard.TensorRank == 0 ? shard.KvHeads.Start : Math.Max(shard.KvHeads.Start, Shards[rank - 1].KvHeads.End);
        return new IndexRange(start, shard.KvHeads.End);
    }

    /// <summary>The shards that share a stage's layers, by tensor rank.</summary>
    public ReadOnlySpan<Shard> Stage(int stage) => Shards.AsSpan().Slice(stage * TensorParallelSize, TensorParallelSize);
}
