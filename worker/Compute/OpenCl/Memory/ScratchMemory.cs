using System.Runtime.CompilerServices;

namespace Cluster.Compute.OpenCl.Memory;

/// <summary>Device memory that grows to the largest size asked for and loses its content when it does.</summary>
internal sealed class ScratchMemory(OpenClContext context) : IDisposable
{
    private OpenClMemory? _memory;

    /// <summary>At least <paramref name="bytes"/>.</summary>
    public OpenClMemory Reserve(long bytes)
    {
        if (_memory is not null && _memory.Bytes >= bytes) return _memory;
        Dispose();
        return _memory = context.Allocate(bytes);
    }

    /// <summary>A copy of <paramref name="values"/>.</summary>
    public OpenClMemory Upload<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var memory = Reserve((long)values.Length * Unsafe.SizeOf<T>());
        context.Upload(values, memory);
        return memory;
    }

    /// <summary>Frees it; it can be used again.</summary>
    public void Dispose()
    {
        _memory?.Dispose();
        _memory = null;
    }
}
