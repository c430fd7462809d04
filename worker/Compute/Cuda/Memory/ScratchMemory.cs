using Cluster.Compute.Cuda.Interop;

namespace Cluster.Compute.Cuda.Memory;

/// <summary>Device memory that grows to the largest size asked for and loses its content when it does.</summary>
internal sealed class ScratchMemory(CudaContext context) : IDisposable
{
    private DeviceMemoryHandle? _memory;

    /// <summary>At least <paramref name="bytes"/>, on a boundary of 256.</summary>
    public ulong Reserve(long bytes) => Reserve(bytes, clear: false);

    /// <summary>The same, all zeros whenever it is new.</summary>
    public ulong ReserveCleared(long bytes) => Reserve(bytes, clear: true);

    public void Dispose() => _memory?.Dispose();

    private ulong Reserve(long bytes, bool clear)
    {
        if (_memory is not null && _memory.Bytes >= bytes) return _memory.Address;
        context.Synchronize();
        _memory?.Dispose();
        _memory = null;
        _memory = context.Allocate(bytes);
        if (clear) context.Clear(_memory.Address, bytes);
        return _memory.Address;
    }
}
