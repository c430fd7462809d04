using Cluster.Compute.Gpu;

namespace Cluster.Compute.OpenCl.Memory;

/// <summary>
/// Counts a device's memory: drivers do not tell what is free, and most of them give buffers their memory only when it is first used, too
/// late for an error with figures.
/// </summary>
/// <param name="totalBytes">What there is.</param>
/// <param name="mostBufferBytes">What one buffer may have.</param>
internal sealed class MemoryBudget(long totalBytes, long mostBufferBytes)
{
    private long _used;

    public long TotalBytes => totalBytes;

    public long FreeBytes => totalBytes - Interlocked.Read(ref _used);

    /// <exception cref="OutOfMemoryException">There is less, or one buffer cannot have so much.</exception>
    public void Take(long bytes)
    {
        if (bytes > mostBufferBytes) throw new BufferSizeException(bytes, mostBufferBytes);
        if (Interlocked.Add(ref _used, bytes) <= totalBytes) return;
        Return(bytes);
        throw new DeviceMemoryException(bytes, FreeBytes, totalBytes);
    }

    public void Return(long bytes) => Interlocked.Add(ref _used, -bytes);
}
