using System.Runtime.CompilerServices;
using Cluster.Compute.Gpu;
using Cluster.Compute.OpenCl.Compilation;
using Cluster.Compute.OpenCl.Interop;
using Cluster.Compute.OpenCl.Memory;

namespace Cluster.Compute.OpenCl;

/// <summary>What all parts of a device share: its context, its one queue, and the means to compile, allocate and copy. Commands run in order.</summary>
internal sealed unsafe class OpenClContext : IDisposable
{
    private readonly OpenClObject _context;
    private readonly OpenClObject _ownQueue;
    private readonly OpenClCompiler _compiler;
    private readonly List<IDisposable> _owned = [];

    /// <summary>Where commands go at present.</summary>
    private OpenClObject _queue;

    /// <param name="info">The device.</param>
    /// <param name="memoryBytes">What of its memory may be taken.</param>
    /// <param name="cache">Where compiled kernels are kept; null for nowhere.</param>
    public OpenClContext(OpenClDeviceInfo info, long memoryBytes, KernelCache? cache)
    {
        Info = info;
        Cache = cache;
        Budget = new MemoryBudget(memoryBytes, info.MostBufferBytes);
        var device = info.Device;
        _context = new OpenClObject(
            OpenClApi.clCreateContext(null, 1, &device, null, null, out var error), OpenClApi.clReleaseContext, error, "clCreateContext");
        _queue = _ownQueue = CreateQueue(properties: 0);
        Timer = new OpenClTimer(this);
        _compiler = new OpenClCompiler(this, cache);
    }

    public OpenClDeviceInfo Info { get; }

    /// <summary>Where compiled kernels are kept; null for nowhere.</summary>
    public KernelCache? Cache { get; }

    /// <summary>The device's memory.</summary>
    public MemoryBudget Budget { get; }

    /// <summary>Takes the time of what is queued, when it is asked to.</summary>
    public OpenClTimer Timer { get; }

    public nint Handle => _context.Value;

    public nint Queue => _queue.Value;

    public OpenClObject CreateQueue(ulong properties) => new(
        OpenClApi.clCreateCommandQueue(Handle, Info.Device, properties, out var error), OpenClApi.clReleaseCommandQueue, error, "clCreateCommandQueue");

    /// <summary>Has commands go to another queue, when those of the present one are over; null for the usual one.</summary>
    public void Switch(OpenClObject? queue)
    {
        Synchronize();
        _queue = queue ?? _ownQueue;
    }

    /// <summary>Compiles a program; its kernels live as long as this object.</summary>
    /// <exception cref="OpenClException">It does not compile; the message is the compiler's.</exception>
    public OpenClProgram Load(KernelProgram program)
    {
        var handle = _compiler.Compile(program);
        _owned.Add(handle);
        return new OpenClProgram(this, handle);
    }

    /// <summary>Releases an object when this one is released, and before it.</summary>
    public void Own(IDisposable one) => _owned.Add(one);

    public OpenClMemory Allocate(long bytes) => new(this, bytes);

    public void Clear(OpenClMemory memory, long offset, long bytes)
    {
        if (bytes == 0) return;
        byte zero = 0;
        nint done = 0;
        memory.Check(
            OpenClApi.clEnqueueFillBuffer(Queue, memory.Handle, &zero, 1, (nuint)offset, (nuint)bytes, 0, null, Timer.IsOn ? &done : null),
            "clEnqueueFillBuffer");
        Timer.Queued("clear", done, Timer.Work(bytes));
    }

    /// <summary>From host memory, which may change when this returns.</summary>
    public void Upload<T>(ReadOnlySpan<T> source, OpenClMemory target, long offset = 0)
        where T : unmanaged
    {
        if (source.IsEmpty) return;
        var bytes = (long)source.Length * Unsafe.SizeOf<T>();
        nint done = 0;
        fixed (T* pointer = source)
        {
            target.Check(
                OpenClApi.clEnqueueWriteBuffer(Queue, target.Handle, 1, (nuint)offset, (nuint)bytes, pointer, 0, null, Timer.IsOn ? &done : null),
                "clEnqueueWriteBuffer");
        }

        Timer.Queued("copy to device", done, Timer.Work(bytes));
    }

    /// <summary>To host memory, which has it when this returns.</summary>
    public void Download<T>(OpenClMemory source, long offset, Span<T> target)
        where T : unmanaged
    {
        if (target.IsEmpty) return;
        var bytes = (long)target.Length * Unsafe.SizeOf<T>();
        nint done = 0;
        fixed (T* pointer = target)
        {
            OpenClApi.Check(
                OpenClApi.clEnqueueReadBuffer(Queue, source.Handle, 1, (nuint)offset, (nuint)bytes, pointer, 0, null, Timer.IsOn ? &done : null),
                "clEnqueueReadBuffer");
        }

        Timer.Queued("copy to host", done, Timer.Work(bytes));
    }

    /// <summary>From one place of a buffer to another.</summary>
    public void Copy(OpenClMemory memory, long source, long target, long bytes)
    {
        nint done = 0;
        OpenClApi.Check(
            OpenClApi.clEnqueueCopyBuffer(
                Queue, memory.Handle, memory.Handle, (nuint)source, (nuint)target, (nuint)bytes, 0, null, Timer.IsOn ? &done : null),
            "clEnqueueCopyBuffer");
        Timer.Queued("copy", done, Timer.Work(2 * bytes));
    }

    /// <summary>Waits for all that was queued.</summary>
    public void Synchronize() => OpenClApi.Check(OpenClApi.clFinish(Queue), "clFinish");

    public void Dispose()
    {
        foreach (var one in _owned) one.Dispose();
        Timer.Dispose();
        _ownQueue.Dispose();
        _context.Dispose();
    }
}
