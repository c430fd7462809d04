using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.KvCache;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// The CPU's cache. Sixteen consecutive tokens of one layer and KV head are a group, which takes exactly the bytes of its sixteen rows
/// in file format but holds them in the order that attention reads them (<see cref="KeyOrder"/>, <see cref="ValueOrder"/>).
/// Order of groups: layer, block, keys before values, KV head, group of the block; so a layer streams through neighbouring blocks, and
/// blocks that were never used have no pages.
/// </summary>
internal sealed unsafe class CpuKvCache : KvCacheShard
{
    /// <summary>Tokens of a group.</summary>
    public const int GroupTokens = KvCacheShape.BlockTokensUnit;

    private readonly AlignedMemory _memory;
    private readonly CpuKvLayer[] _layers;

    /// <exception cref="KvCacheShapeException">The CPU cannot hold such a cache.</exception>
    public CpuKvCache(KvCacheShape shape, IOutputGrams? outputGrams, int threads) : base(shape)
    {
        shape.Validate();
        _memory = new AlignedMemory(shape.TotalBytes);
        _layers = new CpuKvLayer[shape.LayerCount];
        var start = _memory.Pointer;
        for (var i = 0; i < _layers.Length; i++)
        {
            _layers[i] = new CpuKvLayer(shape, shape.Layers[i], start);
            start += shape.BlockCount * _layers[i].BlockBytes;
        }

        if (outputGrams is null) return;
        Parallel.For(
            0, shape.LayerCount * shape.KvHeadCount, new ParallelOptions { MaxDegreeOfParallelism = threads },
            i => _layers[i / shape.KvHeadCount].WeighOutput(outputGrams, i / shape.KvHeadCount, i % shape.KvHeadCount));
    }

    public override long Bytes => _memory.Bytes;

    public CpuKvLayer Layer(int layer) => _layers[layer];

    public override void Dispose()
    {
        foreach (var layer in _layers) layer.Dispose();
        _memory.Dispose();
    }

    protected override void CopyBlockCore(int source, int target)
    {
        foreach (var layer in _layers) Buffer.MemoryCopy(layer.Block(source), layer.Block(target), layer.BlockBytes, layer.BlockBytes);
    }

    protected override void ReadBlockRows(int layer, int kvHead, KvPart part, int block, int token, Span<byte> rows)
    {
        var rowBytes = Shape.RowBytes(layer, part);
        fixed (byte* start = rows)
        {
            for (var row = start; row < start + rows.Length; row += rowBytes, token++)
            {
                var format = _layers[layer].GroupOf(part, block, kvHead, token / GroupTokens, out var group);
                format.Load(group, token % GroupTokens, row, Shape.HeadDim);
            }
        }
    }

    protected override void WriteBlockRows(int layer, int kvHead, KvPart part, int block, int token, ReadOnlySpan<byte> rows)
    {
        var rowBytes = Shape.RowBytes(layer, part);
        fixed (byte* start = rows)
        {
            for (var row = start; row < start + rows.Length; row += rowBytes, token++)
            {
                var format = _layers[layer].GroupOf(part, block, kvHead, token / GroupTokens, out var group);
                format.Store(group, token % GroupTokens, row, Shape.HeadDim);
            }
        }
    }
}
