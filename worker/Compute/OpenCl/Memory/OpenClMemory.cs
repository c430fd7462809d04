using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.OpenCl.Interop;

namespace Cluster.Compute.OpenCl.Memory;

/// <summary>Memory of a device, counted against what it has.</summary>
internal sealed unsafe class OpenClMemory : IDisposable
{
    private readonly OpenClContext _context;
    private readonly OpenClObject _buffer;

    /// <exception cref="OutOfMemoryException">The device has no such memory free, or allows no buffer of this size.</exception>
    public OpenClMemory(OpenClContext context, long bytes)
    {
        _context = context;
        Bytes = bytes;
        context.Budget.Take(bytes);
        var handle = OpenClApi.clCreateBuffer(context.Handle, OpenClApi.ReadWrite, (nuint)Math.Max(bytes, 1), null, out var error);
        if (error != 0) context.Budget.Return(bytes);
        if (error is OpenClApi.AllocationFailure or OpenClApi.OutOfResources or OpenClApi.OutOfHostMemory)
            throw new DeviceMemoryException(bytes, context.Budget.FreeBytes, context.Budget.TotalBytes);
        _buffer = new OpenClObject(handle, OpenClApi.clReleaseMemObject, error, "clCreateBuffer");
    }

    public long Bytes { get; }

    public nint Handle => _buffer.Value;

    public void Dispose()
    {
        if (_buffer.IsClosed) return;
        _buffer.Dispose();
        _context.Budget.Return(Bytes);
    }
}
