using System.Diagnostics;
using System.Runtime.CompilerServices;
using Cluster.Compute.Cuda.Interop;

namespace Cluster.Compute.Cuda.Collectives;

/// <summary>A stream for what the ranks of a group do together before their first sum, and memory to copy over it.</summary>
internal sealed unsafe class SetupStream : IDisposable
{
    private readonly NcclCommunicatorHandle _communicator;
    private readonly CancellationToken _cancellationToken;
    private readonly CudaStreamHandle _stream;
    private readonly DeviceMemoryHandle _device;
    private readonly PinnedMemoryHandle _host;

    /// <param name="context">Of the device.</param>
    /// <param name="communicator">The group.</param>
    /// <param name="bytes">The most that is copied.</param>
    /// <param name="cancellationToken">Ends waiting for the other ranks, and the group with it.</param>
    public SetupStream(CudaContext context, NcclCommunicatorHandle communicator, long bytes, CancellationToken cancellationToken)
    {
        (Context, _communicator, _cancellationToken) = (context, communicator, cancellationToken);
        _stream = new CudaStreamHandle(context.Handle);
        _device = context.Allocate(bytes);
        _host = context.AllocatePinned(bytes);
    }

    public nint Value => _stream.Value;

    public CudaContext Context { get; }

    /// <summary>Memory on the device.</summary>
    public ulong Address => _device.Address;

    /// <summary>Memory of the host.</summary>
    public Span<T> Host<T>(int count)
        where T : unmanaged => new(_host.Pointer, count);

    /// <summary>The first bytes, from the host to the device.</summary>
    public void Upload(long bytes) =>
        CudaDriver.Check(CudaDriver.cuMemcpyHtoDAsync_v2(Address, _host.Pointer, (nuint)bytes, Value), "cuMemcpyHtoDAsync");

    /// <summary>The first bytes, from the device to the host.</summary>
    public void Download(long bytes) =>
        CudaDriver.Check(CudaDriver.cuMemcpyDtoHAsync_v2(_host.Pointer, Address, (nuint)bytes, Value), "cuMemcpyDtoHAsync");

    public void AllReduce(int count) =>
        Nccl.Check(Nccl.ncclAllReduce(Address, Address, (nuint)count, Nccl.Float32, Nccl.Sum, _communicator, Value), "ncclAllReduce");

    /// <summary>What each rank tells.</summary>
    public T[] Gather<T>(T own, int size)
        where T : unmanaged
    {
        var target = Address + (ulong)Unsafe.SizeOf<T>();
        Host<T>(1)[0] = own;
        Upload(Unsafe.SizeOf<T>());
        Nccl.Check(Nccl.ncclAllGather(Address, target, (nuint)Unsafe.SizeOf<T>(), Nccl.Bytes, _communicator, Value), "ncclAllGather");
        Download((size + 1L) * Unsafe.SizeOf<T>());
        Wait("ncclAllGather");
        return Host<T>(size + 1)[1..].ToArray();
    }

    /// <summary>Whether all ranks say yes.</summary>
    public bool Agrees(bool own, int size)
    {
        Host<float>(1)[0] = own ? 1 : 0;
        Upload(sizeof(float));
        AllReduce(1);
        Download(sizeof(float));
        Wait("ncclAllReduce");
        return Host<float>(1)[0] == size;
    }

    /// <summary>Waits for all that was queued.</summary>
    /// <exception cref="OperationCanceledException">The group is given up.</exception>
    public void Wait(string what) => TryWait(what, Timeout.InfiniteTimeSpan);

    /// <summary>The same for a while; false: it has not ended.</summary>
    public bool TryWait(string what, TimeSpan limit)
    {
        var begin = Stopwatch.GetTimestamp();
        int result;
        while ((result = CudaDriver.cuStreamQuery(Value)) == CudaDriver.NotReady)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            if (limit != Timeout.InfiniteTimeSpan && Stopwatch.GetElapsedTime(begin) > limit) return false;
            Thread.Yield();
        }

        CudaDriver.Check(result, what);
        return true;
    }

    /// <summary>Ends the group, and what waits for its other ranks: memory can only be freed when nothing does.</summary>
    public void Release()
    {
        _communicator.Dispose();
        _ = CudaDriver.cuStreamSynchronize(Value);
    }

    public void Dispose()
    {
        if (CudaDriver.cuStreamQuery(Value) == CudaDriver.NotReady) Release();
        _stream.Dispose();
        _device.Dispose();
        _host.Dispose();
    }
}
