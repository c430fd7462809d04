namespace Cluster.Compute.Tests.Cuda;

/// <summary>A theory about a CUDA device; skipped, and said so, where there is none, or files of the folder <c>shared</c> are missing.</summary>
internal sealed class CudaTheoryAttribute : TheoryAttribute
{
    public CudaTheoryAttribute(params string[] files) => Skip = CudaTestDevice.Unavailable ?? RepositoryFiles.MissingShared(files);
}
