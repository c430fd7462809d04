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

    public string Kind => "opencl";

    public IReadOnlyList<DeviceDescription> List(out string? unavailable)
    {
        try
        {
            var devices = Array.ConvertAll(All(), Describe);
            unavailable = devices.Length == 0 ? "there is no OpenCL device" : null;
            return devices;
        }
        catch (Exception e) when (e is OpenClException or DeviceUnavailableException)
        {
            unavailable = e.Message;
            return [];
        }
    }

    public IDevice Open(int ordinal, DeviceOptions options)
    {
        try
        {
            var all = All();
            if (ordinal >= all.Length)
                throw new DeviceUnavailableException($"opencl:{ordinal} is not available: there {(all.Length == 1 ? "is 1 OpenCL device" : $"are {all.Length} OpenCL devices")}");
            var info = all[ordinal];
            if (info.MostItems < NeededItems)
                throw new DeviceUnavailableException($"opencl:{ordinal} is not available: it has work-groups of {info.MostItems}, {NeededItems} are needed");
            var description = Describe(info);
            return new OpenClDevice(
                new OpenClContext(info, description.MemoryBytes, new KernelCache(options.KernelCache ?? KernelCache.DefaultFolder)), description);
        }
        catch (OpenClException e)
        {
            throw new DeviceUnavailableException($"opencl:{ordinal} is not available: {e.Message}");
        }
    }

    private static OpenClDeviceInfo[] All() => OpenClLibrary.IsAvailable(out var problem)
        ? OpenClDeviceInfo.All()
        : throw new DeviceUnavailableException($"no OpenCL: {problem}");

    private static DeviceDescription Describe(OpenClDeviceInfo info)
    {
        var version = string.Join(' ', info.Version.Split(' ').Take(2));
        var bytes = info.SharesHostMemory ? Math.Min(info.MemoryBytes, FreeMemory.Bytes()) : Math.Max(0, info.MemoryBytes - ReservedBytes);
        return new DeviceDescription($"opencl:{info.Ordinal}", info.Name, version, 1, bytes);
    }
}
