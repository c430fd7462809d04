using Cluster.Compute.Gpu;
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
        Check(error, "clCreateBuffer");
        _buffer = new OpenClObject(handle, OpenClApi.clReleaseMemObject, error, "clCreateBuffer");
    }

    public long Bytes { get; }

    public nint Handle => _buffer.Value;

    /// <summary>Checks a call that may have been the first to use this memory, which is when many drivers look for it.</summary>
    /// <exception cref="DeviceMemoryException">There is none.</exception>
    /// <exception cref="OpenClException">The call failed for another reason.</exception>
    public void Check(int result, string call)
    {
        if (result is OpenClApi.AllocationFailure or OpenClApi.OutOfHostMemory)
            throw new DeviceMemoryException(Bytes, _context.Budget.FreeBytes, _context.Budget.TotalBytes);
        OpenClApi.Check(result, call);
    }

    public void Dispose()
    {
        if (_buffer.IsClosed) return;
        _buffer.Dispose();
        _context.Budget.Return(Bytes);
    }
}
