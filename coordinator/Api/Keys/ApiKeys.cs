namespace Cluster.Coordinator.Api.Keys;

/// <summary>The keys of a file, which is read again when it changes.</summary>
/// <exception cref="ClusterException">The file cannot be read.</exception>
internal sealed class ApiKeys(string path, Action<string> log, TimeProvider time)
{
    private readonly WatchedFile<IReadOnlyList<ApiKey>> _file = new([path], () => ApiKeyFormat.Read(path), log, time);

    /// <summary>Whose key that is; null for nobody's.</summary>
    public ApiKey? Find(string key)
    {
        var hash = KeyHash.Of(key);
        ApiKey? found = null;

        // All are compared, so that the time tells nothing of which one it was.
        foreach (var candidate in _file.Current)
            if (candidate.Hash.IsSame(hash)) found = candidate;
        return found;
    }
}
