using Microsoft.Win32.SafeHandles;

namespace Cluster.Compute.Cuda.Interop;

/// <summary>Compiled kernels in a device's context.</summary>
internal sealed class CudaModuleHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly CudaContextHandle _context;

    public CudaModuleHandle(nint module, CudaContextHandle context) : base(ownsHandle: true)
    {
        _context = context;
        SetHandle(module);
    }

    protected override bool ReleaseHandle() => _context.TryEnter() && CudaDriver.cuModuleUnload(handle) == 0;
}
