namespace Cluster.Compute.Cpu.Memory;

/// <summary>A block that grows to the largest size asked for and keeps it, so that an operation of a size seen before allocates nothing.</summary>
internal sealed unsafe class ScratchMemory : IDisposable
{
    private AlignedMemory? _memory;

    /// <summary>Bytes held.</summary>
    public long Bytes => _memory?.Bytes ?? 0;

    /// <summary>
    /// At least <paramref name="bytes"/> bytes of unspecified content on a 64-byte boundary. An earlier pointer is dead when the block
    /// had to grow. Growth is by half at least, so that sizes that creep up do not allocate each time.
    /// </summary>
    public byte* Reserve(long bytes)
    {
        if (_memory is null || _memory.Bytes < bytes)
        {
            var grown = Math.Max(bytes, Bytes + Bytes / 2);
            _memory?.Dispose();
            _memory = null;
            _memory = new AlignedMemory(grown);
        }

        return _memory.Pointer;
    }

    public void Dispose()
    {
        _memory?.Dispose();
        _memory = null;
    }
}
