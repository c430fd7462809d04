namespace Cluster.Testing;

/// <summary>Files that tests read: the repository's own, and larger ones in a folder <c>shared</c> beside it where there is one.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static string SampleModel => Path.Combine(Root, "samples", "storyteller-29m-q4_k_m.gguf");

    public static string Shared(string relativePath) => Path.Combine(Root, "..", "shared", relativePath);

    /// <summary>What to say of files that are not there; null when all are.</summary>
    public static string? MissingShared(string[] files)
    {
        var missing = Array.Find(files, file => !File.Exists(Shared(file)));
        return missing is null ? null : $"shared/{missing} is not beside the repository";
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Cluster.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"No Cluster.sln above {AppContext.BaseDirectory}.");
    }
}
