namespace Cluster.Compute.Tests.OpenCl;

/// <summary>A theory about an OpenCL device; skipped, and said so, where there is none, or files of the folder <c>shared</c> are missing.</summary>
internal sealed class OpenClTheoryAttribute : TheoryAttribute
{
    public OpenClTheoryAttribute(params string[] files) => Skip = OpenClTestDevice.Unavailable ?? RepositoryFiles.MissingShared(files);
}
