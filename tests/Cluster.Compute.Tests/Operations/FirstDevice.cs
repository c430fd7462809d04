using Cluster.Compute.Devices;

namespace Cluster.Compute.Tests.Operations;

/// <summary>The first device of a provider, opened once for all tests on it.</summary>
public abstract class FirstDevice(IDeviceProvider provider) : IDisposable
{
    private readonly Lazy<IDevice> _device = new(() => Open(provider));

    internal IDevice Device => _device.Value;

    public void Dispose()
    {
        if (_device.IsValueCreated) _device.Value.Dispose();
        GC.SuppressFinalize(this);
    }

    internal static IDevice Open(IDeviceProvider provider) => provider.Open(0, new DeviceOptions());

    /// <summary>Why there is none; null where there is one.</summary>
    internal static string? WhyMissing(IDeviceProvider provider)
    {
        _ = provider.List(out var unavailable);
        return unavailable;
    }
}
