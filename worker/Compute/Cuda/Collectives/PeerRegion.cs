using System.Collections.Concurrent;
using Cluster.Compute.Cuda.Interop;

namespace Cluster.Compute.Cuda.Collectives;

/// <summary>A rank's region, for the ranks of other processes and of this one, which cannot open what it has itself.</summary>
internal sealed class PeerRegion : IDisposable
{
    private static readonly Guid s_process = Guid.NewGuid();
    private static readonly ConcurrentDictionary<ulong, PeerRegion> s_regions = [];

    private readonly CudaContext _context;
    private readonly DeviceMemoryHandle _memory;

    /// <summary>All zeros, on a stream that is waited for.</summary>
    public PeerRegion(CudaContext context, nint stream, int size)
    {
        _context = context;
        _memory = context.Allocate(ExchangeRanks.RegionBytes(size));
        Address = _memory.Address;
        CudaDriver.Check(CudaDriver.cuMemsetD8Async(Address, 0, (nuint)_memory.Bytes, stream), "cuMemsetD8Async");
        CudaDriver.Check(CudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize");
        s_regions[Address] = this;
    }

    public ulong Address { get; }

    public PeerRecord Tell()
    {
        CudaDriver.Check(CudaDriver.cuIpcGetMemHandle(out var name, Address), "cuIpcGetMemHandle");
        return new PeerRecord(s_process, name, Address, _context.Info.Multiprocessors);
    }

    /// <summary>Reaches another rank's region.</summary>
    /// <param name="context">Of this rank.</param>
    /// <param name="record">What that one told.</param>
    /// <param name="address">Where it is.</param>
    /// <returns>What the address lives by: the memory stays when its own rank lets go of it.</returns>
    /// <exception cref="CudaException">This rank's device cannot reach it.</exception>
    public static IDisposable Open(CudaContext context, in PeerRecord record, out ulong address)
    {
        if (record.Process != s_process)
        {
            var shared = new SharedMemoryHandle(context.Handle, record.Name);
            address = shared.Address;
            return shared;
        }

        if (!s_regions.TryGetValue(record.Address, out var region)) throw new CudaException("a rank has let go of its region");
        context.Handle.EnableAccessTo(region._context.Handle);
        address = record.Address;
        return new Borrowed(region._memory);
    }

    public void Dispose()
    {
        s_regions.TryRemove(Address, out _);
        _memory.Dispose();
    }

    /// <summary>Memory that stays while it is used here.</summary>
    private sealed class Borrowed : IDisposable
    {
        private readonly DeviceMemoryHandle _memory;

        public Borrowed(DeviceMemoryHandle memory)
        {
            _memory = memory;
            var isTaken = false;
            memory.DangerousAddRef(ref isTaken);
        }

        public void Dispose() => _memory.DangerousRelease();
    }
}
