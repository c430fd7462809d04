namespace Cluster.Model.Folders;

/// <summary>Where the programs keep what can be made or fetched again.</summary>
public static class CacheFolder
{
    /// <summary>$XDG_CACHE_HOME/cluster/<paramref name="kind"/>, or under the user's own cache folder.</summary>
    public static string Of(string kind)
    {
        var home = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (!Path.IsPathFullyQualified(home ?? ""))
        {
            home = OperatingSystem.IsWindows()
                ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        }

        return Path.Combine(home!, "cluster", kind);
    }
}
