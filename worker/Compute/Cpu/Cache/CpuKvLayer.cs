using Cluster.Compute.Cpu.Cache.Rounding;
using Cluster.Compute.KvCache;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>One layer of the CPU's cache: its formats, and where its groups are.</summary>
internal sealed unsafe class CpuKvLayer : IDisposable
{
    private readonly byte* _start;
    private readonly long _headKeyBytes;
    private readonly long _headValueBytes;
    private readonly long _valuesStart;
    private readonly KvCacheShape _shape;
    private readonly OutputWeights?[] _outputWeights;

    /// <param name="shape">The cache's shape.</param>
    /// <param name="format">What the layer keeps.</param>
    /// <param name="start">The layer's first block.</param>
    public CpuKvLayer(KvCacheShape shape, KvLayerFormat format, byte* start)
    {
        Format = format;
        _shape = shape;
        _outputWeights = new OutputWeights?[shape.KvHeadCount];
        Keys = CacheFormats.Keys(format.KeyType);
        Values = CacheFormats.Values(format.ValueType);
        BlockTokens = shape.BlockTokens;
        GroupKeyBytes = CpuKvCache.GroupTokens * format.KeyRowBytes(shape.HeadDim);
        GroupValueBytes = CpuKvCache.GroupTokens * format.ValueRowBytes(shape.HeadDim);
        _start = start;
        _headKeyBytes = shape.BlockTokens * format.KeyRowBytes(shape.HeadDim);
        _headValueBytes = shape.BlockTokens * format.ValueRowBytes(shape.HeadDim);
        _valuesStart = shape.KvHeadCount * _headKeyBytes;
        BlockBytes = _valuesStart + shape.KvHeadCount * _headValueBytes;
    }

    public KvLayerFormat Format { get; }

    public KeyFormat Keys { get; }

    public ValueFormat Values { get; }

    public int BlockTokens { get; }

    /// <summary>Bytes of a group's keys.</summary>
    public long GroupKeyBytes { get; }

    /// <summary>Bytes of a group's values.</summary>
    public long GroupValueBytes { get; }

    /// <summary>Bytes of a block.</summary>
    public long BlockBytes { get; }

    /// <summary>The first byte of a block.</summary>
    public byte* Block(int block) => _start + block * BlockBytes;

    /// <summary>Keys of a group: tokens [16 · group, + 16) of the block.</summary>
    public byte* KeyGroup(int block, int head, int group) => Block(block) + head * _headKeyBytes + group * GroupKeyBytes;

    /// <summary>Values of a group: tokens [16 · group, + 16) of the block.</summary>
    public byte* ValueGroup(int block, int head, int group) => Block(block) + _valuesStart + head * _headValueBytes + group * GroupValueBytes;

    /// <summary>What errors of a head's values cost, where that is known.</summary>
    public OutputWeights? OutputWeights(int head) => _outputWeights[head];

    /// <summary>Takes what errors of a head's values cost, if the type is rounded by it.</summary>
    /// <param name="grams">Of the shard.</param>
    /// <param name="layer">This layer's index in them.</param>
    /// <param name="head">The KV head.</param>
    public void WeighOutput(IOutputGrams grams, int layer, int head)
    {
        if (RowQuantizer.Rounds(Format.ValueType)) _outputWeights[head] = Rounding.OutputWeights.Of(grams, _shape, layer, head);
    }

    public void Dispose()
    {
        foreach (var weights in _outputWeights) weights?.Dispose();
    }

    /// <summary>A group's keys or values, and how its rows stand in it.</summary>
    public CacheFormat GroupOf(KvPart part, int block, int head, int group, out byte* start)
    {
        start = part == KvPart.Keys ? KeyGroup(block, head, group) : ValueGroup(block, head, group);
        return part == KvPart.Keys ? Keys : Values;
    }
}
