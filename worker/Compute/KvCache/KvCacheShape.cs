using Cluster.Model.Formats;

namespace Cluster.Compute.KvCache;

/// <summary>
/// A shard's cache: for each layer of the shard, <see cref="BlockCount"/> blocks of <see cref="BlockTokens"/> tokens of this rank's KV
/// heads. Keys and values have types of their own.
/// </summary>
public sealed record KvCacheShape
{
    public required int LayerCount { get; init; }

    public required int KvHeadCount { get; init; }

    public required int HeadDim { get; init; }

    public required TensorType KeyType { get; init; }

    public required TensorType ValueType { get; init; }

    public required int BlockTokens { get; init; }

    public required int BlockCount { get; init; }

    /// <summary>Bytes of one head's key of one token.</summary>
    public long KeyRowBytes => TensorTraits.Get(KeyType).BytesFor(HeadDim);

    /// <summary>Bytes of one head's value of one token.</summary>
    public long ValueRowBytes => TensorTraits.Get(ValueType).BytesFor(HeadDim);

    /// <summary>Bytes that one token takes on this rank, all layers of the shard together.</summary>
    public long BytesPerToken => LayerCount * KvHeadCount * (KeyRowBytes + ValueRowBytes);

    public long TotalBytes => BytesPerToken * BlockTokens * BlockCount;
}
