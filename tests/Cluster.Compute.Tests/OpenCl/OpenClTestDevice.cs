using Cluster.Compute.Devices;
using Cluster.Compute.OpenCl;

namespace Cluster.Compute.Tests.OpenCl;

/// <summary>The first OpenCL device, opened once for all tests on it.</summary>
public sealed class OpenClTestDevice : IDisposable
{
    private readonly Lazy<IDevice> _device = new(Open);

    /// <summary>Why tests on a device are skipped here; null where there is one.</summary>
    public static string? Unavailable { get; } = FindOut();

    /// <summary>
    /// Whether all combinations are tried: PoCL, which has no GPU, compiles each kernel for the better part of a second, so that else each
    /// format is tried once, and each cache type once as keys and once as values.
    /// </summary>
    public static bool IsExhaustive { get; } = Environment.GetEnvironmentVariable("CLUSTER_TEST_OPENCL") == "all";

    internal IDevice Device => _device.Value;

    public void Dispose()
    {
        if (_device.IsValueCreated) _device.Value.Dispose();
    }

    internal static IDevice Open() => new OpenClDeviceProvider().Open(0, new DeviceOptions());

    private static string? FindOut()
    {
        _ = new OpenClDeviceProvider().List(out var unavailable);
        return unavailable;
    }
}
