using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Interop;

/// <summary>Memory of a device that another process has allocated, as this process reaches it.</summary>
internal sealed class SharedMemoryHandle : SafeHandle
{
    private readonly CudaContextHandle _context;

    /// <exception cref="CudaException">This process cannot reach it.</exception>
    public SharedMemoryHandle(CudaContextHandle context, SharedMemoryName name) : base(0, ownsHandle: true)
    {
        _context = context;
        context.Enter();
        CudaDriver.Check(CudaDriver.cuIpcOpenMemHandle_v2(out var address, name, CudaDriver.LazyPeerAccess), "cuIpcOpenMemHandle");
        SetHandle((nint)address);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>As long as this object lives.</summary>
    public ulong Address => (ulong)handle;

    protected override bool ReleaseHandle() => _context.TryEnter() && CudaDriver.cuIpcCloseMemHandle((ulong)handle) == 0;
}
