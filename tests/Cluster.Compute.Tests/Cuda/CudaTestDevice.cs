using Cluster.Compute.Cuda;
using Cluster.Compute.Devices;
using Cluster.Compute.Tests.Operations;

namespace Cluster.Compute.Tests.Cuda;

/// <summary>The first CUDA device.</summary>
public sealed class CudaTestDevice() : FirstDevice(new CudaDeviceProvider())
{
    /// <summary>Why tests on a device are skipped here; null where there is one.</summary>
    public static string? Unavailable { get; } = WhyMissing(new CudaDeviceProvider());

    internal static IDevice Open() => Open(new CudaDeviceProvider());
}
