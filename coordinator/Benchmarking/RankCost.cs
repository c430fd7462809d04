using Cluster.Coordinator.Planning;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;
using Cluster.Model.Sharding;

namespace Cluster.Coordinator.Benchmarking;

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

    public static RankCost Of(ModelFacts model, Shard shard, KvCacheFormat cacheFormat)
    {
        long weights = 0, embeddingRow = 0, layers = 0, head = 0;
        foreach (var cut in TensorCuts.All(model.Config, shard, model.Tensors))
        {
            if (cut.Kind == TensorCutKind.LookupTable)
            {
                embeddingRow = TensorTraits.Get(cut.Type).BytesFor(cut.Kept.Count);
                continue;
            }

            weights += cut.ByteCount;
            if (!cut.Tensor.IsMatrix) continue;
            var multiplyAdds = (long)cut.Rows.Count * cut.Owned.Count;
            if (cut.Tensor.Role is TensorRole.Output or TensorRole.TokenEmbedding) head += multiplyAdds;
            else layers += multiplyAdds;
        }

        return new RankCost
        {
            Stage = shard.Stage,
            WeightBytes = weights,
            EmbeddingRowBytes = embeddingRow,
            KvBytesPerToken = ShardSize.KvBytesOf(model.Config, shard, cacheFormat),
            LayerMultiplyAdds = layers,
            HeadMultiplyAdds = head,

            // Scores, and the sum of values.
            AttentionMultiplyAdds = 2L * shard.QueryHeads.Count * model.Config.HeadDim * shard.Layers.Count,
        };
    }
}
