namespace Cluster.Model.Folders;

/// <summary>Where the programs keep what cannot be made again.</summary>
public static class StateFolder
{
    /// <summary>$XDG_STATE_HOME/cluster, or under the user's own folder.</summary>
    public static string Default
    {
        get
        {
            var home = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
            if (!Path.IsPathFullyQualified(home ?? ""))
            {
                home = OperatingSystem.IsWindows()
                    ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                    : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
            }

            return Path.Combine(home!, "cluster");
        }
    }
}
