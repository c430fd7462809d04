using Microsoft.Win32.SafeHandles;

namespace Cluster.Compute.Cuda.Interop;

/// <summary>A queue of operations of a device.</summary>
internal sealed class CudaStreamHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly CudaContextHandle _context;

    public CudaStreamHandle(CudaContextHandle context) : base(ownsHandle: true)
    {
        _context = context;
        context.Enter();
        CudaDriver.Check(CudaDriver.cuStreamCreate(out var stream, CudaDriver.NonBlocking), "cuStreamCreate");
        SetHandle(stream);
    }

    /// <summary>For calls, as long as this object lives.</summary>
    public nint Value => handle;

    protected override bool ReleaseHandle() => _context.TryEnter() && CudaDriver.cuStreamDestroy_v2(handle) == 0;
}
