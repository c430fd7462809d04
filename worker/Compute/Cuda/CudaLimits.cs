using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Cuda.Matrices;
using Cluster.Compute.Devices;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda;

/// <summary>Measures what a device does at most, in a context part of its own, so that nothing of a running shard is touched.</summary>
internal static class CudaLimits
{
    /// <summary>Bytes that are read: several times what the second-level cache holds.</summary>
    private const long ReadBytes = 256L << 20;

    /// <summary>Rows and columns of the product: enough to fill the device.</summary>
    private const int ProductSize = 4096;

    private const int Threads = 512;

    /// <returns>Null where there is no memory left to measure with, for the device or for cuBLAS.</returns>
    public static DeviceLimits? Measure(CudaDeviceInfo info, KernelCache? cache)
    {
        try
        {
            using var context = new CudaContext(info, cache);
            using var memory = context.Allocate(ReadBytes);
            context.Clear(memory.Address, ReadBytes);
            return new DeviceLimits(ReadRate(context, memory), ProductRate(context, memory));
        }
        catch (Exception e) when (e is DeviceMemoryException or CudaException)
        {
            return null;
        }
    }

    private static double ReadRate(CudaContext context, DeviceMemoryHandle memory)
    {
        var kernel = context.Load(new KernelProgram().Include("limits.cu")).Kernel("read_all");
        return ReadBytes * RateMeter.RunsPerSecond(() => kernel.Launch(
            8 * context.Info.Multiprocessors, 1, 1, Threads, new KernelArguments { memory.Address, ReadBytes / 16, memory.Address }), context.Synchronize);
    }

    /// <summary>Multiplications of f16 on tensor cores, which products of many tokens are made of; 0 without cuBLAS.</summary>
    private static double ProductRate(CudaContext context, DeviceMemoryHandle memory)
    {
        if (!CudaLibraries.IsAvailable(CudaLibraries.Blas, out _)) return 0;
        const long MatrixBytes = 2L * ProductSize * ProductSize;
        using var product = new HalfProduct(context);
        return Math.Pow(ProductSize, 3) * RateMeter.RunsPerSecond(() => product.Run(
            memory.Address, memory.Address + MatrixBytes, memory.Address + 2 * MatrixBytes, ProductSize, ProductSize, ProductSize, ProductSize), context.Synchronize);
    }
}
