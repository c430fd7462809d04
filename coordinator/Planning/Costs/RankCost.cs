namespace Cluster.Coordinator.Planning.Costs;

/// <summary>What tokens cost one rank at least, counted from the tensors that the shard plan gives it.</summary>
internal sealed record RankCost
{
    public required int Stage { get; init; }

    /// <summary>Bytes of weights that every step reads, however many tokens it has: all but the table of embeddings, as the file holds them.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Bytes of the one row of the table of embeddings that each token reads; 0 after the first stage.</summary>
    public required long EmbeddingRowBytes { get; init; }

    /// <summary>Bytes of keys and values of one token.</summary>
    public required long KvBytesPerToken { get; init; }

    /// <summary>Multiply-adds of each token in all layers' matrices.</summary>
    public required long LayerMultiplyAdds { get; init; }

    /// <summary>Multiply-adds of each token whose logits are wanted.</summary>
    public required long HeadMultiplyAdds { get; init; }

    /// <summary>Multiply-adds of each token with each token that it attends to, itself included.</summary>
    public required long AttentionMultiplyAdds { get; init; }
}
