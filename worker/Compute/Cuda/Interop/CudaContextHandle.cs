using Microsoft.Win32.SafeHandles;

namespace Cluster.Compute.Cuda.Interop;

/// <summary>A device's primary context, which all devices objects of the process share.</summary>
internal sealed class CudaContextHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    [ThreadStatic]
    private static nint t_current;

    private readonly int _device;

    public CudaContextHandle(int device) : base(ownsHandle: true)
    {
        _device = device;
        // Fails where somebody else has made the context already; then their flags hold.
        _ = CudaDriver.cuDevicePrimaryCtxSetFlags_v2(device, CudaDriver.ScheduleSpin);
        CudaDriver.Check(CudaDriver.cuDevicePrimaryCtxRetain(out var context, device), "cuDevicePrimaryCtxRetain");
        SetHandle(context);
    }

    /// <summary>Makes it the calling thread's context; costs nothing where it is that already.</summary>
    public void Enter()
    {
        if (t_current == handle) return;
        CudaDriver.Check(CudaDriver.cuCtxSetCurrent(handle), "cuCtxSetCurrent");
        t_current = handle;
    }

    /// <summary>Lets kernels of this context reach the memory of another one.</summary>
    /// <exception cref="CudaException">Their devices have no way to each other.</exception>
    public void EnableAccessTo(CudaContextHandle other)
    {
        if (other.handle == handle) return;
        Enter();
        var result = CudaDriver.cuCtxEnablePeerAccess(other.handle, 0);
        if (result != CudaDriver.PeerAccessAlreadyEnabled) CudaDriver.Check(result, "cuCtxEnablePeerAccess");
    }

    /// <summary>As <see cref="Enter"/>, where nothing may be thrown.</summary>
    public bool TryEnter() => CudaDriver.cuCtxSetCurrent(t_current = handle) == 0;

    protected override bool ReleaseHandle()
    {
        t_current = 0;
        return CudaDriver.cuDevicePrimaryCtxRelease_v2(_device) == 0;
    }
}
