using System.Collections.Immutable;
using Cluster.Model.Sharding;

namespace Cluster.Model.KvCache.Files;

/// <summary>
/// What a saved cache holds: for each layer and KV head of a model, a row of keys and a row of values for each of <see cref="Tokens"/>. Rows are
/// in the GGUF format of their layer's type, rotated and quantized as they were cached. How the model was split says nothing here.
/// </summary>
public sealed record KvCacheFileHeader
{
    /// <summary>Limits of what a file may declare, far above what models need.</summary>
    internal const int MaxLayers = 1 << 16, MaxKvHeads = 1 << 16, MaxHeadDim = 1 << 16, MaxTokens = 1 << 28;

    public required ModelIdentity Model { get; init; }

    public required KvCacheFormat Format { get; init; }

    public required int LayerCount { get; init; }

    public required int KvHeadCount { get; init; }

    public required int HeadDim { get; init; }

    /// <summary>The text that the rows belong to, from its first token; at least one.</summary>
    public required ImmutableArray<int> Tokens { get; init; }

    /// <summary>Why rows of this cache are of no use to another, in one line; null when they are.</summary>
    public string? Mismatch(KvCacheFileHeader other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Model.Length != other.Model.Length)
            return $"it was saved from another model: a file of {Model.Length} bytes, this one has {other.Model.Length}";
        if (Model.HeaderSha256 != other.Model.HeaderSha256)
            return $"it was saved from another model: header SHA-256 {Model.HeaderSha256}, this one's is {other.Model.HeaderSha256}";
        if ((LayerCount, KvHeadCount, HeadDim) != (other.LayerCount, other.KvHeadCount, other.HeadDim))
        {
            return $"it holds {LayerCount} layers, {KvHeadCount} KV heads and head dimension {HeadDim}, "
                + $"this cache {other.LayerCount}, {other.KvHeadCount} and {other.HeadDim}";
        }

        // Only what the layers really keep counts: f16 is f16 whatever is said of its rotation.
        for (var layer = 0; layer < LayerCount; layer++)
            if (Layer(layer) != other.Layer(layer)) return $"it was saved as {Format}, this cache is {other.Format}: they differ in layer {layer}";
        return null;
    }

    /// <summary>What a layer keeps.</summary>
    public KvLayerFormat Layer(int layer) => Format.Layer(layer, LayerCount, HeadDim);

    /// <summary>Bytes of a row of a layer.</summary>
    public int RowBytes(int layer, KvPart part) => Layer(layer).RowBytes(part, HeadDim);

    /// <summary>Walks all rows.</summary>
    internal KvCursor Cursor() => new(new IndexRange(0, LayerCount), new IndexRange(0, KvHeadCount), Tokens.Length);
}
