using Cluster.Compute.Collectives;
using Cluster.Compute.Cuda.Collectives;
using Cluster.Compute.Cuda.Compilation;
using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda;

/// <summary>What all parts of a device share: its context, its one stream, and the means to compile, allocate and copy.</summary>
internal sealed unsafe class CudaContext : IDisposable
{
    private readonly CudaContextHandle _handle;
    private readonly CudaStreamHandle _stream;
    private readonly KernelCompiler _compiler;
    private readonly List<CudaModuleHandle> _modules = [];

    public CudaContext(CudaDeviceInfo info, KernelCache? cache)
    {
        Info = info;
        Cache = cache;
        _compiler = new KernelCompiler(info.Architecture, cache);
        _handle = new CudaContextHandle(info.Device);
        _stream = new CudaStreamHandle(_handle);
        Timer = new CudaTimer(this);
    }

    public CudaDeviceInfo Info { get; }

    /// <summary>Where compiled kernels are kept.</summary>
    public KernelCache? Cache { get; }

    /// <inheritdoc cref="KernelCompiler.HasBulkCopies"/>
    public bool HasBulkCopies => _compiler.HasBulkCopies;

    /// <summary>Takes the time of what is queued, when it is asked to.</summary>
    public CudaTimer Timer { get; }

    public nint Stream => _stream.Value;

    public CudaContextHandle Handle => _handle;

    /// <summary>The group whose sums are queued, and wait for its other ranks; null when there are none.</summary>
    public CudaCollective? Pending { get; set; }

    /// <summary>Makes this the calling thread's context.</summary>
    public void Enter() => _handle.Enter();

    /// <summary>Compiles a program; its kernels live as long as this object. From any thread.</summary>
    public CudaModule Load(KernelProgram program)
    {
        Enter();
        var image = _compiler.Compile(program);
        nint module;
        fixed (byte* start = image) CudaDriver.Check(CudaDriver.cuModuleLoadData(out module, start), "cuModuleLoadData");
        var handle = new CudaModuleHandle(module, _handle);
        lock (_modules) _modules.Add(handle);
        return new CudaModule(this, handle);
    }

    public DeviceMemoryHandle Allocate(long bytes) => new(_handle, bytes);

    public PinnedMemoryHandle AllocatePinned(long bytes) => new(_handle, bytes);

    public void Clear(ulong address, long bytes)
    {
        Timer.BeforeCopy();
        CudaDriver.Check(CudaDriver.cuMemsetD8Async(address, 0, (nuint)bytes, Stream), "cuMemsetD8Async");
        Timer.After("clear", Timer.Work(bytes));
    }

    /// <summary>From host memory; from page-locked memory it returns at once.</summary>
    public void Upload(void* source, ulong target, long bytes)
    {
        Timer.BeforeCopy();
        CudaDriver.Check(CudaDriver.cuMemcpyHtoDAsync_v2(target, source, (nuint)bytes, Stream), "cuMemcpyHtoDAsync");
        Timer.After("copy to device", Timer.Work(bytes));
    }

    /// <summary>To host memory; to page-locked memory it returns at once.</summary>
    public void Download(ulong source, void* target, long bytes)
    {
        Timer.BeforeCopy();
        CudaDriver.Check(CudaDriver.cuMemcpyDtoHAsync_v2(target, source, (nuint)bytes, Stream), "cuMemcpyDtoHAsync");
        Timer.After("copy to host", Timer.Work(bytes));
    }

    public void Copy(ulong source, ulong target, long bytes)
    {
        Timer.BeforeCopy();
        CudaDriver.Check(CudaDriver.cuMemcpyDtoDAsync_v2(target, source, (nuint)bytes, Stream), "cuMemcpyDtoDAsync");
        Timer.After("copy", Timer.Work(2 * bytes));
    }

    /// <summary>Waits for all that was queued.</summary>
    /// <exception cref="PeerLostException">A sum that was queued waits for a rank that is lost.</exception>
    public void Synchronize()
    {
        if (Pending is { } group) group.Wait();
        else CudaDriver.Check(CudaDriver.cuStreamSynchronize(Stream), "cuStreamSynchronize");
        Timer.Idle();
    }

    public void Dispose()
    {
        Timer.Dispose();
        foreach (var module in _modules) module.Dispose();
        _stream.Dispose();
        _handle.Dispose();
    }
}
