namespace Cluster.Coordinator.CacheFiles;

/// <summary>A cache that was restored.</summary>
/// <param name="Tokens">The text whose keys and values are cached now.</param>
/// <param name="FileBytes">Bytes of the file.</param>
/// <param name="Elapsed">From opening the file to the text being found by requests.</param>
internal sealed record RestoredCache(ReadOnlyMemory<int> Tokens, long FileBytes, TimeSpan Elapsed);
