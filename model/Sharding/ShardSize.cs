using Cluster.Model.Architecture;
using Cluster.Model.Gguf;
using Cluster.Model.KvCache;

namespace Cluster.Model.Sharding;

/// <summary>Bytes that a shard takes on its worker, as the model file and the cache formats store them.</summary>
public sealed record ShardSize
{
    /// <summary>Matrices, norms and biases, which a device holds in memory. Whole blocks of cuts inside a block are counted.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>The token embedding of a first stage, which stays in the mapped file.</summary>
    public required long EmbeddingBytes { get; init; }

    /// <summary>Keys and values of one token, all layers of the shard together.</summary>
    public required long KvBytesPerToken { get; init; }

    /// <param name="config">The model's shape.</param>
    /// <param name="shard">The rank's part.</param>
    /// <param name="tensors">The model's tensors.</param>
    /// <param name="cache">What is cached; blocks of its types divide the head dimension.</param>
    /// <exception cref="ArgumentException">A cache format's block does not divide the head dimension.</exception>
    public static ShardSize Of(ModelConfig config, Shard shard, IEnumerable<GgufTensor> tensors, KvCacheFormat cache)
    {
        long weights = 0, embedding = 0;
        foreach (TensorCut cut in TensorCuts.All(config, shard, tensors))
        {
            if (cut.Kind == TensorCutKind.LookupTable) embedding += cut.ByteCount;
            else weights += cut.ByteCount;
        }

        return new ShardSize
        {
            WeightBytes = weights,
            EmbeddingBytes = embedding,
            KvBytesPerToken = KvBytesOf(config, shard, cache),
        };
    }

    /// <summary>Bytes of keys and values of one token, all layers of the shard together.</summary>
    /// <exception cref="ArgumentException">A cache format's block does not divide the head dimension.</exception>
    public static long KvBytesOf(ModelConfig config, Shard shard, KvCacheFormat cache)
    {
        long headBytes = 0;
        for (int layer = shard.Layers.Start; layer < shard.Layers.End; layer++)
        {
            KvLayerFormat format = cache.Layer(layer, config.LayerCount, config.HeadDim);
            headBytes += format.KeyRowBytes(config.HeadDim) + format.ValueRowBytes(config.HeadDim);
        }

        return shard.KvHeads.Count * headBytes;
    }
}
