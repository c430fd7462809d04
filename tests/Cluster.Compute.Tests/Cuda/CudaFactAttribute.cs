namespace Cluster.Compute.Tests.Cuda;

/// <summary>A fact about a CUDA device; skipped, and said so, where there is none.</summary>
internal sealed class CudaFactAttribute : FactAttribute
{
    public CudaFactAttribute() => Skip = CudaTestDevice.Unavailable;
}
