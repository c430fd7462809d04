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

    /// <summary>The shards that share a stage's layers, by tensor rank.</summary>
    public ReadOnlySpan<Shard> Stage(int stage) => Shards.AsSpan().Slice(stage * TensorParallelSize, TensorParallelSize);
}
