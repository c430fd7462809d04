using System.Collections.Immutable;
using Cluster.Model.Formats;

namespace Cluster.Model.KvCache;

/// <summary>What one layer's KV cache keeps.</summary>
/// <param name="KeyType">Type of keys.</param>
/// <param name="ValueType">Type of values.</param>
/// <param name="KeyRotation">Elements that queries and keys are rotated over together; 0 for no rotation.</param>
/// <param name="ValueRotation">Elements that values are rotated over, and the output back; 0 for no rotation.</param>
public readonly record struct KvLayerFormat(TensorType KeyType, TensorType ValueType, int KeyRotation = 0, int ValueRotation = 0)
{
    /// <summary>Bytes of one head's key of one token.</summary>
    public long KeyRowBytes(int headDim) => TensorTraits.Get(KeyType).BytesFor(headDim);

    /// <summary>Bytes of one head's value of one token.</summary>
    public long ValueRowBytes(int headDim) => TensorTraits.Get(ValueType).BytesFor(headDim);

    /// <summary>Bytes of one head's key or value of one token.</summary>
    public int RowBytes(KvPart part, int headDim) => (int)(part == KvPart.Keys ? KeyRowBytes(headDim) : ValueRowBytes(headDim));

    /// <summary>The same for <paramref name="count"/> layers.</summary>
    public ImmutableArray<KvLayerFormat> Repeat(int count) => [.. Enumerable.Repeat(this, count)];
}
