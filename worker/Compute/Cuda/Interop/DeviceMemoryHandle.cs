using System.Runtime.InteropServices;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda.Interop;

/// <summary>Memory of a device.</summary>
internal sealed class DeviceMemoryHandle : SafeHandle
{
    private readonly CudaContextHandle _context;

    /// <exception cref="DeviceMemoryException">The device has no such memory free.</exception>
    public DeviceMemoryHandle(CudaContextHandle context, long bytes) : base(0, ownsHandle: true)
    {
        _context = context;
        Bytes = bytes;
        context.Enter();
        var result = CudaDriver.cuMemAlloc_v2(out var address, (nuint)Math.Max(bytes, 1));
        if (result == CudaDriver.OutOfMemory)
        {
            _ = CudaDriver.cuMemGetInfo_v2(out var free, out var total);
            throw new DeviceMemoryException(bytes, (long)free, (long)total);
        }

        CudaDriver.Check(result, "cuMemAlloc");
        SetHandle((nint)address);
    }

    public override bool IsInvalid => handle == 0;

    public long Bytes { get; }

    /// <summary>On the device, as long as this object lives.</summary>
    public ulong Address => (ulong)handle;

    protected override bool ReleaseHandle() => _context.TryEnter() && CudaDriver.cuMemFree_v2((ulong)handle) == 0;
}
