using Cluster.Compute.Cuda;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Tests.Cuda;

/// <summary>The first CUDA device, opened once for all tests on it.</summary>
public sealed class CudaTestDevice : IDisposable
{
    private readonly Lazy<IDevice> _device = new(Open);

    /// <summary>Why tests on a device are skipped here; null where there is one.</summary>
    public static string? Unavailable { get; } = FindOut();

    internal IDevice Device => _device.Value;

    public void Dispose()
    {
        if (_device.IsValueCreated) _device.Value.Dispose();
    }

    internal static IDevice Open() => new CudaDeviceProvider().Open(0, new DeviceOptions());

    private static string? FindOut()
    {
        _ = new CudaDeviceProvider().List(out var unavailable);
        return unavailable;
    }
}
