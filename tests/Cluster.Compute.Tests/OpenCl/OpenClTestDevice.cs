using Cluster.Compute.Devices;
using Cluster.Compute.OpenCl;
using Cluster.Compute.Tests.Operations;

namespace Cluster.Compute.Tests.OpenCl;

/// <summary>The first OpenCL device.</summary>
public sealed class OpenClTestDevice() : FirstDevice(new OpenClDeviceProvider())
{
    /// <summary>Why tests on a device are skipped here; null where there is one.</summary>
    public static string? Unavailable { get; } = WhyMissing(new OpenClDeviceProvider());

    /// <summary>
    /// Whether all combinations are tried: PoCL, which has no GPU, compiles each kernel for the better part of a second, so that else each
    /// format is tried once, and each cache type once as keys and once as values.
    /// </summary>
    public static bool IsExhaustive { get; } = Environment.GetEnvironmentVariable("CLUSTER_TEST_OPENCL") == "all";

    internal static IDevice Open() => Open(new OpenClDeviceProvider());
}
