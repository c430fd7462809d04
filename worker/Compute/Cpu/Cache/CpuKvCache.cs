using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.KvCache;

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
    private readonly long _layerBytes;
    private readonly long _blockBytes;
    private readonly long _headKeyBytes;
    private readonly long _headValueBytes;

    /// <exception cref="KvCacheShapeException">The CPU cannot hold such a cache.</exception>
    public CpuKvCache(KvCacheShape shape) : base(shape)
    {
        shape.Validate();
        Keys = CacheFormats.Keys(shape.KeyType);
        Values = CacheFormats.Values(shape.ValueType);
        GroupKeyBytes = GroupTokens * shape.KeyRowBytes;
        GroupValueBytes = GroupTokens * shape.ValueRowBytes;
        _headKeyBytes = shape.BlockTokens * shape.KeyRowBytes;
        _headValueBytes = shape.BlockTokens * shape.ValueRowBytes;
        _blockBytes = shape.KvHeadCount * (_headKeyBytes + _headValueBytes);
        _layerBytes = shape.BlockCount * _blockBytes;
        _memory = new AlignedMemory(shape.LayerCount * _layerBytes);
    }

    public KeyFormat Keys { get; }

    public ValueFormat Values { get; }

    /// <summary>Bytes of a group's keys.</summary>
    public long GroupKeyBytes { get; }

    /// <summary>Bytes of a group's values.</summary>
    public long GroupValueBytes { get; }

    public override long Bytes => _memory.Bytes;

    /// <summary>Keys of a group: tokens [16 · group, + 16) of the block.</summary>
    public byte* KeyGroup(int layer, int block, int head, int group) =>
        Block(layer, block) + head * _headKeyBytes + group * GroupKeyBytes;

    /// <summary>Values of a group: tokens [16 · group, + 16) of the block.</summary>
    public byte* ValueGroup(int layer, int block, int head, int group) =>
        Block(layer, block) + Shape.KvHeadCount * _headKeyBytes + head * _headValueBytes + group * GroupValueBytes;

    public override void Dispose() => _memory.Dispose();

    private byte* Block(int layer, int block) => _memory.Pointer + layer * _layerBytes + block * _blockBytes;
}
