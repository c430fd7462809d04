using Cluster.Compute.KvCache;
using Cluster.Model.KvCache;
using Cluster.Worker.Shards;

namespace Cluster.Worker.Tests.Support;

/// <summary>A cache of heads of 64 that holds rows as they come.</summary>
internal sealed class HostKvCache(KvCacheShape shape) : KvCacheShard(shape)
{
    private const int HeadDim = 64;

    private readonly Dictionary<(int Layer, int KvHead, KvPart Part, int Block), byte[]> _blocks = [];

    public override long Bytes => Shape.TotalBytes;

    public static HostKvCache Create(ShardSpecification specification) => new(new KvCacheShape
    {
        Layers = [.. Enumerable.Range(specification.Shard.Layers.Start, specification.Shard.Layers.Count).Select(
            layer => specification.CacheFormats[0].Layer(layer, specification.PipelineSize, HeadDim))],
        KvHeadCount = specification.Shard.KvHeads.Count,
        HeadDim = HeadDim,
        BlockTokens = specification.BlockTokens,
        BlockCount = specification.BlockCount,
    });

    public override void Dispose()
    {
    }

    protected override void CopyBlockCore(int source, int target) => throw new NotSupportedException();

    protected override void ReadBlockRows(int layer, int kvHead, KvPart part, int block, int token, Span<byte> rows) =>
        Block(layer, kvHead, part, block).AsSpan(token * Shape.RowBytes(layer, part), rows.Length).CopyTo(rows);

    protected override void WriteBlockRows(int layer, int kvHead, KvPart part, int block, int token, ReadOnlySpan<byte> rows) =>
        rows.CopyTo(Block(layer, kvHead, part, block).AsSpan(token * Shape.RowBytes(layer, part)));

    private byte[] Block(int layer, int kvHead, KvPart part, int block)
    {
        if (!_blocks.TryGetValue((layer, kvHead, part, block), out var rows))
            _blocks[(layer, kvHead, part, block)] = rows = new byte[Shape.BlockTokens * Shape.RowBytes(layer, part)];
        return rows;
    }
}
