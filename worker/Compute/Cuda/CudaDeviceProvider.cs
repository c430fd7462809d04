using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Devices;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda;

/// <summary>NVIDIA's GPUs, by the driver and the run-time compiler on this machine.</summary>
public sealed class CudaDeviceProvider : IDeviceProvider
{
    /// <summary>Memory that is not offered: cuBLAS, compiled kernels, and weights as f16 for products of many tokens.</summary>
    private const long ReservedBytes = 768L << 20;

    public string Kind => "cuda";

    public IReadOnlyList<DeviceDescription> List(out string? unavailable)
    {
        try
        {
            var devices = new DeviceDescription[Count()];
            for (var i = 0; i < devices.Length; i++) devices[i] = Describe(CudaDeviceInfo.Of(i));
            unavailable = devices.Length == 0 ? "the CUDA driver sees no device" : null;
            return devices;
        }
        catch (Exception e) when (e is CudaException or DeviceUnavailableException)
        {
            unavailable = e.Message;
            return [];
        }
    }

    public IDevice Open(int ordinal, DeviceOptions options)
    {
        try
        {
            var count = Count();
            if (ordinal >= count)
                throw new DeviceUnavailableException($"cuda:{ordinal} is not available: there {(count == 1 ? "is 1 CUDA device" : $"are {count} CUDA devices")}");
            var info = CudaDeviceInfo.Of(ordinal);
            return new CudaDevice(new CudaContext(info, new KernelCache(options.KernelCache ?? KernelCache.DefaultFolder)), Describe(info));
        }
        catch (CudaException e)
        {
            throw new DeviceUnavailableException($"cuda:{ordinal} is not available: {e.Message}");
        }
    }

    private static int Count()
    {
        if (!CudaLibraries.IsAvailable(CudaLibraries.Driver, out var problem)) throw new DeviceUnavailableException($"no CUDA driver: {problem}");
        CudaDriver.Check(CudaDriver.cuInit(0), "cuInit");
        CudaDriver.Check(CudaDriver.cuDeviceGetCount(out var count), "cuDeviceGetCount");
        return count;
    }

    private static DeviceDescription Describe(CudaDeviceInfo info)
    {
        using var context = new CudaContextHandle(info.Device);
        context.Enter();
        CudaDriver.Check(CudaDriver.cuMemGetInfo_v2(out var free, out _), "cuMemGetInfo");
        return new DeviceDescription($"cuda:{info.Ordinal}", info.Name, $"sm_{info.Architecture}", 1, Math.Max(0, (long)free - ReservedBytes));
    }
}
