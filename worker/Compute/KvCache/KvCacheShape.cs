using System.Collections.Immutable;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.KvCache;

/// <summary>
/// A shard's cache: for each layer of the shard, <see cref="BlockCount"/> blocks of <see cref="BlockTokens"/> tokens of this rank's KV
/// heads. Keys and values of each layer have types of their own.
/// </summary>
public sealed record KvCacheShape
{
    /// <summary>Blocks hold whole groups of this many tokens, which devices lay out together.</summary>
    public const int BlockTokensUnit = 16;

    /// <summary>What each layer keeps, in the shard's order.</summary>
    public required ImmutableArray<KvLayerFormat> Layers { get; init; }

    public int LayerCount => Layers.Length;

    public required int KvHeadCount { get; init; }

    public required int HeadDim { get; init; }

    /// <summary>A multiple of <see cref="BlockTokensUnit"/>.</summary>
    public required int BlockTokens { get; init; }

    public required int BlockCount { get; init; }

    /// <summary>Bytes that one token takes on this rank, all layers of the shard together.</summary>
    public long BytesPerToken => KvHeadCount * Layers.Sum(layer => layer.KeyRowBytes(HeadDim) + layer.ValueRowBytes(HeadDim));

    public long TotalBytes => BytesPerToken * BlockTokens * BlockCount;

    /// <summary>Bytes of one head's key or value of one token in a layer.</summary>
    public int RowBytes(int layer, KvPart part) => Layers[layer].RowBytes(part, HeadDim);

    /// <summary>Checks that such a cache can exist on any device.</summary>
    /// <exception cref="KvCacheShapeException">
    /// A head is no whole number of a type's blocks, a type cannot hold a cache, or a count is out of range.
    /// </exception>
    public void Validate()
    {
        if (LayerCount < 1 || KvHeadCount < 1 || HeadDim < 1 || BlockCount < 1)
        {
            throw new KvCacheShapeException(
                $"KV cache: {LayerCount} layers, {KvHeadCount} KV heads, head dimension {HeadDim}, {BlockCount} blocks: each must be at least 1");
        }

        if (BlockTokens < BlockTokensUnit || BlockTokens % BlockTokensUnit != 0)
            throw new KvCacheShapeException($"KV cache: {BlockTokens} tokens a block is not a multiple of {BlockTokensUnit}");
        foreach (var layer in Layers)
        {
            ValidateType("keys", layer.KeyType);
            ValidateType("values", layer.ValueType);
        }
    }

    private void ValidateType(string what, TensorType type)
    {
        if (!TensorTraits.TryGet(type, out var trait)) throw new KvCacheShapeException($"KV cache: {what} cannot be {type}");
        if (HeadDim % trait.BlockSize == 0) return;
        throw new KvCacheShapeException(
            $"KV cache: {what} cannot be {KvCacheFormat.NameOf(type)}: its blocks of {trait.BlockSize} do not divide head dimension {HeadDim}; " +
            "f16, bf16 and f32 would fit");
    }
}
