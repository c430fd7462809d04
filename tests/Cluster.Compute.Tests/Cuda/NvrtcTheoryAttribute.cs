using Cluster.Compute.Cuda.Interop;

namespace Cluster.Compute.Tests.Cuda;

/// <summary>A theory that needs NVIDIA's run-time compiler, but no device; skipped, and said so, where it is not installed.</summary>
internal sealed class NvrtcTheoryAttribute : TheoryAttribute
{
    public NvrtcTheoryAttribute()
    {
        CudaLibraries.IsAvailable(CudaLibraries.Compiler, out var problem);
        Skip = problem;
    }
}
