using Cluster.Compute.Cuda;
using Cluster.Compute.Cuda.Interop;

namespace Cluster.Compute.Tests.Cuda;

/// <summary>A fact about two CUDA devices that NCCL sums over; skipped, and said so, where there are not both.</summary>
internal sealed class CudaPairFactAttribute : FactAttribute
{
    public CudaPairFactAttribute() => Skip = Find();

    /// <summary>Why they are not there; null where they are.</summary>
    internal static string? Find()
    {
        var count = new CudaDeviceProvider().List(out var unavailable).Count;
        if (count < 2) return unavailable ?? $"{count} CUDA device, two are needed";
        return CudaLibraries.IsAvailable(CudaLibraries.Collectives, out var problem) ? null : problem;
    }
}
