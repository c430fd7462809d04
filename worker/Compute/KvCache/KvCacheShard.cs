namespace Cluster.Compute.KvCache;

/// <summary>One rank's quantized keys and values, in a device's own layout.</summary>
public abstract class KvCacheShard(KvCacheShape shape) : IDisposable
{
    public KvCacheShape Shape { get; } = shape;

    /// <summary>Bytes really allocated on the device.</summary>
    public abstract long Bytes { get; }

    public abstract void Dispose();
}
