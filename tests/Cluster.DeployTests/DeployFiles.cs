namespace Cluster.DeployTests;

internal static class DeployFiles
{
    public static string Folder { get; } = Path.Combine(RepositoryFiles.Root, "deploy");

    public static string PathOf(params string[] names) => Path.Combine([Folder, .. names]);

    public static Task<string> ReadAsync(params string[] names) => File.ReadAllTextAsync(PathOf(names));
}
