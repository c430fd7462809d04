namespace Cluster.Model.Sharding;

/// <summary>What one rank of a <see cref="ShardPlan"/> owns.</summary>
public sealed record Shard
{
    /// <summary>Stage · tensor-parallel size + tensor rank.</summary>
    public required int Rank { get; init; }

    /// <summary>Pipeline stage, 0 for the one that embeds.</summary>
    public required int Stage { get; init; }

    /// <summary>Rank among those that share this stage's layers.</summary>
    public required int TensorRank { get; init; }

    public required IndexRange Layers { get; init; }

    /// <summary>Key-value heads whose projections and cache this rank holds, perhaps as one of several.</summary>
    public required IndexRange KvHeads { get; init; }

    /// <summary>Query heads: the groups that read <see cref="KvHeads"/>, or part of the group of a single one.</summary>
    public required IndexRange QueryHeads { get; init; }

    /// <summary>Columns of the feed-forward layer: rows of its gate and up projections, columns of down.</summary>
    public required IndexRange FeedForward { get; init; }

    /// <summary>Rows of the LM head, as token ids; empty except on the last stage.</summary>
    public required IndexRange Vocabulary { get; init; }

    public required bool IsFirstStage { get; init; }

    public required bool IsLastStage { get; init; }
}
