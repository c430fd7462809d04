using Microsoft.Win32.SafeHandles;

namespace Cluster.Compute.Cuda.Interop;

/// <summary>A point in a queue whose time the device notes when it comes to it.</summary>
internal sealed class CudaEventHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly CudaContextHandle _context;

    public CudaEventHandle(CudaContextHandle context) : base(ownsHandle: true)
    {
        _context = context;
        context.Enter();
        CudaDriver.Check(CudaDriver.cuEventCreate(out var point, CudaDriver.TimedEvent), "cuEventCreate");
        SetHandle(point);
    }

    /// <summary>For calls, as long as this object lives.</summary>
    public nint Value => handle;

    protected override bool ReleaseHandle() => _context.TryEnter() && CudaDriver.cuEventDestroy_v2(handle) == 0;
}
