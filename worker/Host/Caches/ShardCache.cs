using Cluster.Compute.KvCache;
using Cluster.Model.KvCache;
using Cluster.Model.Sharding;
using Cluster.Worker.Shards;
using Cluster.Worker.Threading;

namespace Cluster.Worker.Caches;

/// <summary>
/// A loaded shard's cache for threads that are not its own: rows by the model's layers and KV heads, moved by the compute thread between steps.
/// </summary>
/// <param name="specification">What the shard holds.</param>
/// <param name="cache">Its cache.</param>
/// <param name="work">The way to its thread.</param>
internal sealed class ShardCache(ShardSpecification specification, KvCacheShard cache, WorkQueue work)
{
    public ShardIdentity Identity => specification.Identity;

    public IndexRange Layers => specification.Shard.Layers;

    public IndexRange KvHeads => specification.Shard.KvHeads;

    public int BlockTokens => cache.Shape.BlockTokens;

    public int BlockCount => cache.Shape.BlockCount;

    /// <summary>Bytes of a row of a layer of the shard.</summary>
    public int RowBytes(int layer, KvPart part) => cache.Shape.RowBytes(layer - Layers.Start, part);

    /// <summary>Takes out as many rows as <paramref name="rows"/> holds, from <paramref name="place"/> on.</summary>
    public Task ReadAsync(int[] blockTable, KvCursor place, Memory<byte> rows)
    {
        var (layer, head, part, token, count) = Locate(place, rows.Length);
        return work.RunAsync(() => cache.ReadRows(layer, head, part, blockTable, token, count, rows.Span));
    }

    /// <summary>Puts rows in, from <paramref name="place"/> on.</summary>
    public Task WriteAsync(int[] blockTable, KvCursor place, ReadOnlyMemory<byte> rows)
    {
        var (layer, head, part, token, count) = Locate(place, rows.Length);
        return work.RunAsync(() => cache.WriteRows(layer, head, part, blockTable, token, count, rows.Span));
    }

    /// <summary>By the shard's own indices, and fixed: the cursor moves on.</summary>
    private (int Layer, int Head, KvPart Part, int Token, int Count) Locate(KvCursor place, int bytes) =>
        (place.Layer - Layers.Start, place.KvHead - KvHeads.Start, place.Part, place.Token, bytes / RowBytes(place.Layer, place.Part));
}
