using System.Runtime.InteropServices;

namespace Cluster.Compute.Cpu.Memory;

/// <summary>
/// A zeroed block of native memory on a 64-byte boundary, page-aligned from <see cref="MappedFrom"/> bytes on. Large blocks on Linux are
/// mapped, so that pages count as used only once they are touched and go back to the system on dispose, and ask for huge pages: a
/// weight stream touches each page once, and the misses of 4 KiB translations cost read bandwidth.
/// </summary>
internal sealed unsafe class AlignedMemory : IDisposable
{
    /// <summary>A cache line, and the widest vector.</summary>
    public const int Alignment = 64;

    private const long MappedFrom = 1 << 20;

    private readonly bool _mapped;
    private byte* _pointer;

    /// <exception cref="InsufficientMemoryException">The system refuses that many bytes.</exception>
    public AlignedMemory(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = bytes;
        _mapped = bytes >= MappedFrom && OperatingSystem.IsLinux();
        if (_mapped)
        {
            _pointer = LinuxMapping.Map(bytes);
        }
        else
        {
            var rounded = (nuint)Math.Max(Alignment, (bytes + Alignment - 1) & -Alignment);
            _pointer = (byte*)NativeMemory.AlignedAlloc(rounded, Alignment);
            NativeMemory.Clear(_pointer, rounded);
        }
    }

    public long Bytes { get; }

    /// <summary>The first byte; null once disposed.</summary>
    public byte* Pointer => _pointer;

    /// <summary>The block as f32 elements.</summary>
    public float* Floats => (float*)_pointer;

    public void Dispose()
    {
        if (_pointer is null) return;
        if (_mapped) LinuxMapping.Unmap(_pointer, Bytes);
        else NativeMemory.AlignedFree(_pointer);
        _pointer = null;
    }
}
