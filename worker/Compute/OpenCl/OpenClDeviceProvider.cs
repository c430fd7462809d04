using Cluster.Compute.Cpu.Memory;
using Cluster.Compute.Devices;
using Cluster.Compute.Gpu;
using Cluster.Compute.OpenCl.Interop;

namespace Cluster.Compute.OpenCl;

/// <summary>The devices of all OpenCL drivers on this machine.</summary>
public sealed class OpenClDeviceProvider : IDeviceProvider
{
    /// <summary>Memory of a device of its own that is not offered: compiled kernels, and what the driver keeps.</summary>
    private const long ReservedBytes = 384L << 20;

    /// <summary>Work-items of a work-group that kernels need.</summary>
    private const int NeededItems = 256;

    private const string KindName = "opencl";

    private static readonly DriverDevices<OpenClDeviceInfo> s_devices = new(KindName, "OpenCL", All, Describe);

    public string Kind => KindName;

    public IReadOnlyList<DeviceDescription> List(out string? unavailable) => s_devices.List(out unavailable);

    public IDevice Open(int ordinal, DeviceOptions options) => s_devices.Open(ordinal, (info, description) =>
    {
        if (info.MostItems < NeededItems) throw new OpenClException($"it has work-groups of {info.MostItems}, {NeededItems} are needed");
        return new OpenClDevice(new OpenClContext(info, description.MemoryBytes, KernelCache.Of(options)), description);
    });

    private static OpenClDeviceInfo[] All() => OpenClLibrary.IsAvailable(out var problem)
        ? OpenClDeviceInfo.All()
        : throw new DeviceUnavailableException($"no OpenCL: {problem}");

    private static DeviceDescription Describe(OpenClDeviceInfo info)
    {
        var version = string.Join(' ', info.Version.Split(' ').Take(2));
        var bytes = info.SharesHostMemory ? Math.Min(info.MemoryBytes, FreeMemory.Bytes()) : Math.Max(0, info.MemoryBytes - ReservedBytes);
        return new DeviceDescription($"{KindName}:{info.Ordinal}", info.Name, version, 1, bytes);
    }
}
