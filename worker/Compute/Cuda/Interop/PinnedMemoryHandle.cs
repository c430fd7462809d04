using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Interop;

/// <summary>Page-locked host memory, which a device reads and writes at the host's address.</summary>
internal sealed unsafe class PinnedMemoryHandle : SafeHandle
{
    /// <summary>CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP: for every context of the process.</summary>
    private const uint PortableAndMapped = 3;

    private readonly CudaContextHandle _context;

    public PinnedMemoryHandle(CudaContextHandle context, long bytes) : base(0, ownsHandle: true)
    {
        _context = context;
        Bytes = bytes;
        context.Enter();
        var result = CudaDriver.cuMemHostAlloc(out var pointer, (nuint)Math.Max(bytes, 1), PortableAndMapped);
        CudaDriver.Check(result, "cuMemHostAlloc");
        SetHandle(pointer);
    }

    public override bool IsInvalid => handle == 0;

    public long Bytes { get; }

    /// <summary>On host and device, as long as this object lives.</summary>
    public byte* Pointer => (byte*)handle;

    protected override bool ReleaseHandle() => _context.TryEnter() && CudaDriver.cuMemFreeHost(handle) == 0;
}
