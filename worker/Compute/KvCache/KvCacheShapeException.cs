namespace Cluster.Compute.KvCache;

/// <summary>A KV cache of the shape asked for cannot be; the message is one line that names what does not fit and what would.</summary>
public sealed class KvCacheShapeException(string message) : Exception(message);
