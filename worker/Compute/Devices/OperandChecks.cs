using Cluster.Compute.KvCache;

namespace Cluster.Compute.Devices;

/// <summary>What every device asks of an operation's operands, so that nothing is read or written beside them.</summary>
internal static class OperandChecks
{
    /// <exception cref="ArgumentException">The buffer has fewer elements.</exception>
    public static void CheckCount(DeviceBuffer buffer, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (buffer.Count < count) throw new ArgumentException($"a buffer of {buffer.Count} elements where {count} are needed");
    }

    /// <exception cref="ArgumentException">The columns are not all in the output's rows.</exception>
    public static void CheckColumns(int width, int outputWidth, int outputOffset)
    {
        if (outputOffset < 0 || width > outputWidth - outputOffset)
            throw new ArgumentException($"{width} columns at {outputOffset} of rows of {outputWidth}");
    }

    /// <exception cref="ArgumentException">The cache has no such layer, or other heads.</exception>
    public static void CheckCache(KvCacheShape cache, AttentionShape shape, int layer)
    {
        if ((uint)layer >= (uint)cache.LayerCount) throw new ArgumentOutOfRangeException(nameof(layer), layer, $"a cache of {cache.LayerCount} layers");
        if (cache.HeadDim != shape.HeadDim || cache.KvHeadCount != shape.KvHeadCount || shape.HeadCount % shape.KvHeadCount != 0)
            throw new ArgumentException($"{shape} does not fit a cache of {cache.KvHeadCount} KV heads of {cache.HeadDim}");
    }
}
