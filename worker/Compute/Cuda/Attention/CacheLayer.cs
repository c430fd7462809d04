using System.Runtime.InteropServices;
using Cluster.Compute.KvCache;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Cuda.Attention;

/// <summary>Where a layer of the cache is on the device: CacheLayer in layer.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct CacheLayer
{
    private readonly ulong _start;
    private readonly long _blockBytes;
    private readonly long _valuesStart;
    private readonly int _keyBytes;
    private readonly int _valueBytes;

    public CacheLayer(KvCacheShape shape, KvLayerFormat format, ulong start)
    {
        _start = start;
        _keyBytes = checked((int)(shape.BlockTokens * format.KeyRowBytes(shape.HeadDim)));
        _valueBytes = checked((int)(shape.BlockTokens * format.ValueRowBytes(shape.HeadDim)));
        _valuesStart = (long)shape.KvHeadCount * _keyBytes;
        _blockBytes = _valuesStart + (long)shape.KvHeadCount * _valueBytes;
    }

    public long BlockBytes => _blockBytes;

    /// <summary>A block of all heads.</summary>
    public ulong Block(int block) => _start + (ulong)(block * _blockBytes);

    /// <summary>The keys or values of a head in a block.</summary>
    public ulong Region(int block, int head, KvPart part) =>
        Block(block) + (ulong)(part == KvPart.Keys ? (long)head * _keyBytes : _valuesStart + (long)head * _valueBytes);
}
