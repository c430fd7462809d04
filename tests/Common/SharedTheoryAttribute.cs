namespace Cluster.Testing;

/// <summary>A theory over files of the folder <c>shared</c> beside the repository; skipped, and said so, where they are not there.</summary>
internal sealed class SharedTheoryAttribute : TheoryAttribute
{
    public SharedTheoryAttribute(params string[] files) => Skip = RepositoryFiles.MissingShared(files);
}
