namespace Cluster.Testing;

/// <summary>A fact over files of the folder <c>shared</c> beside the repository; skipped, and said so, where they are not there.</summary>
internal sealed class SharedFactAttribute : FactAttribute
{
    public SharedFactAttribute(params string[] files) => Skip = RepositoryFiles.MissingShared(files);
}
