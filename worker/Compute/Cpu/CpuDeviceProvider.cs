using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Cpu;

/// <summary>The one device that is always there.</summary>
public sealed class CpuDeviceProvider : IDeviceProvider
{
    public string Kind => "cpu";

    public IReadOnlyList<DeviceDescription> List(out string? unavailable)
    {
        unavailable = null;
        return [Describe(0)];
    }

    public IDevice Open(int ordinal, DeviceOptions options)
    {
        if (ordinal != 0) throw new DeviceUnavailableException($"cpu:{ordinal} is not available: there is only one CPU device, cpu");
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads);
        if (options.Cpus is { } cpus) ThreadAffinity.Require(cpus);
        return new CpuDevice(Describe(options.Threads == 0 && options.Cpus is not null ? options.Cpus.Numbers.Length : options.Threads), options.Cpus);
    }

    private static DeviceDescription Describe(int threads) => new(
        "cpu", ProcessorInfo.Name(), CpuIsa.Best.Name, threads == 0 ? Environment.ProcessorCount : threads,
        FreeMemory.Bytes());
}
