namespace Cluster.Coordinator.CacheFiles;

/// <summary>A cache that was saved.</summary>
/// <param name="TokenCount">Tokens whose keys and values are in the file.</param>
/// <param name="FileBytes">Bytes of the file.</param>
/// <param name="Elapsed">From asking for it to the file in its place.</param>
internal sealed record SavedCache(int TokenCount, long FileBytes, TimeSpan Elapsed);
