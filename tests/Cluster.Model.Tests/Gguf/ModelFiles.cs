namespace Cluster.Model.Tests.Gguf;

/// <summary>Model files that tests read: the shipped sample, and larger ones that lie beside the repository where present.</summary>
internal static class ModelFiles
{
    private static readonly string s_root = FindRoot();

    /// <summary>The model that the repository ships (Q4_K and Q6_K weights).</summary>
    public static string Sample => Path.Combine(s_root, "samples", "storyteller-29m-q4_k_m.gguf");

    /// <summary>Path of a file under <c>shared/models</c> beside the repository, or null where it is absent.</summary>
    public static string? Shared(string name)
    {
        string path = Path.Combine(s_root, "..", "shared", "models", name);
        return File.Exists(path) ? path : null;
    }

    private static string FindRoot()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Cluster.sln")))
            directory = Path.GetDirectoryName(directory);
        return directory ?? throw new InvalidOperationException("tests run outside of the repository");
    }
}
