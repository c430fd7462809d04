using Cluster.Compute.Cuda.Collectives;
using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Devices;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda;

/// <summary>NVIDIA's GPUs, by the driver and the run-time compiler on this machine.</summary>
public sealed class CudaDeviceProvider : IDeviceProvider
{
    /// <summary>Memory that is not offered: cuBLAS, compiled kernels, and weights as f16 for products of many tokens.</summary>
    private const long ReservedBytes = 768L << 20;

    private const string KindName = "cuda";

    private static readonly DriverDevices<CudaDeviceInfo> s_devices = new(KindName, "CUDA", All, Describe);

    public string Kind => KindName;

    public IReadOnlyList<DeviceDescription> List(out string? unavailable) => s_devices.List(out unavailable);

    public string? DescribeGroups() =>
        NcclCommunicators.Find(out var problem) is { } library ? $"ranks on several sum by {library}" : $"ranks on several sum over links: {problem}";

    public IDevice Open(int ordinal, DeviceOptions options) => s_devices.Open(
        ordinal, (info, description) => new CudaDevice(new CudaContext(info, KernelCache.Of(options)), description));

    private static CudaDeviceInfo[] All()
    {
        if (!CudaLibraries.IsAvailable(CudaLibraries.Driver, out var problem)) throw new DeviceUnavailableException($"no CUDA driver: {problem}");
        CudaDriver.Check(CudaDriver.cuInit(0), "cuInit");
        CudaDriver.Check(CudaDriver.cuDeviceGetCount(out var count), "cuDeviceGetCount");
        var devices = new CudaDeviceInfo[count];
        for (var i = 0; i < count; i++) devices[i] = CudaDeviceInfo.Of(i);
        return devices;
    }

    private static DeviceDescription Describe(CudaDeviceInfo info)
    {
        using var context = new CudaContextHandle(info.Device);
        context.Enter();
        CudaDriver.Check(CudaDriver.cuMemGetInfo_v2(out var free, out _), "cuMemGetInfo");
        return new DeviceDescription($"{KindName}:{info.Ordinal}", info.Name, $"sm_{info.Architecture}", 1, Math.Max(0, (long)free - ReservedBytes));
    }
}
