using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda;

/// <summary>A kernel, launched on its device's stream. It may start while the one before it ends, and itself waits for that one's results.</summary>
internal sealed unsafe class CudaKernel(CudaContext context, nint function, string name)
{
    /// <summary>Threads of a block where nothing else says how many.</summary>
    public const int Threads = 256;

    /// <summary>Blocks of a grid in y.</summary>
    public const int MostGridRows = 65_535;

    private readonly bool _overlaps = context.Info.IsHopper;
    private int _residentBlocks;

    /// <summary>Blocks that the device has room for at once; always asked for blocks of the same size.</summary>
    public int ResidentBlocks(int threads)
    {
        if (_residentBlocks != 0) return _residentBlocks;
        CudaDriver.Check(
            CudaDriver.cuOccupancyMaxActiveBlocksPerMultiprocessor(out var blocks, function, threads, 0), "cuOccupancyMaxActiveBlocksPerMultiprocessor");
        return _residentBlocks = Math.Max(1, blocks) * context.Info.Multiprocessors;
    }

    /// <summary>Launches a thread for each of <paramref name="items"/>, in blocks of <see cref="Threads"/>.</summary>
    public void LaunchItems(long items, in KernelArguments arguments, KernelWork? work = null) =>
        Launch((int)((items + Threads - 1) / Threads), 1, 1, Threads, arguments, work);

    /// <summary>Launches blocks of <paramref name="threads"/>.</summary>
    /// <param name="work">What is to be done; null where it is no part of a step.</param>
    public void Launch(int gridX, int gridY, int gridZ, int threads, in KernelArguments arguments, KernelWork? work = null)
    {
        if (gridX == 0 || gridY == 0 || gridZ == 0) return;
        var parameters = stackalloc void*[KernelArguments.MaxCount];
        arguments.WritePointers(parameters);
        Launch(gridX, gridY, gridZ, threads, 0, parameters, work is { } one ? [one] : []);
    }

    /// <summary>Launches a kernel of one parameter with shared memory besides its own.</summary>
    public void Launch<T>(int blocks, int threads, int sharedBytes, in T argument, ReadOnlySpan<KernelWork> works)
        where T : unmanaged
    {
        fixed (T* pointer = &argument)
        {
            void* parameter = pointer;
            Launch(blocks, 1, 1, threads, sharedBytes, &parameter, works);
        }
    }

    /// <summary>Launches blocks on a stream besides the device's own, untimed.</summary>
    public void LaunchOn(nint stream, int blocks, int threads, in KernelArguments arguments)
    {
        var parameters = stackalloc void*[KernelArguments.MaxCount];
        arguments.WritePointers(parameters);
        Queue(stream, blocks, 1, 1, threads, 0, parameters);
    }

    /// <summary>Lets launches ask for as much shared memory as a block can have.</summary>
    public void UseShared(int blockBytes)
    {
        CudaDriver.Check(CudaDriver.cuFuncGetAttribute(out var own, CudaDriver.StaticShared, function), "cuFuncGetAttribute");
        CudaDriver.Check(CudaDriver.cuFuncSetAttribute(function, CudaDriver.MostDynamicShared, blockBytes - own), "cuFuncSetAttribute");
    }

    private void Launch(int gridX, int gridY, int gridZ, int threads, int sharedBytes, void** parameters, ReadOnlySpan<KernelWork> works)
    {
        context.Timer.BeforeKernel();
        Queue(context.Stream, gridX, gridY, gridZ, threads, sharedBytes, parameters);
        context.Timer.After(name, works);
    }

    private void Queue(nint stream, int gridX, int gridY, int gridZ, int threads, int sharedBytes, void** parameters)
    {
        var attribute = new LaunchAttribute { Id = LaunchAttribute.ProgrammaticStreamSerialization, Value = 1 };
        var configuration = new LaunchConfiguration
        {
            GridX = (uint)gridX,
            GridY = (uint)gridY,
            GridZ = (uint)gridZ,
            BlockX = (uint)threads,
            BlockY = 1,
            BlockZ = 1,
            SharedBytes = (uint)sharedBytes,
            Stream = stream,
            Attributes = &attribute,
            AttributeCount = _overlaps ? 1u : 0,
        };
        var result = CudaDriver.cuLaunchKernelEx(&configuration, function, parameters, null);
        if (result != 0) throw new CudaException($"CUDA: kernel {name} ({gridX} x {gridY} x {gridZ} blocks of {threads}): {CudaDriver.Describe(result)}");
    }
}
