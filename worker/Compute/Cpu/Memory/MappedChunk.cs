namespace Cluster.Compute.Cpu.Memory;

/// <summary>A mapping that blocks are cut from, front to back.</summary>
internal sealed unsafe class MappedChunk(long bytes)
{
    private readonly byte* _start = LinuxMapping.Map(bytes);
    private long _used;
    private int _live;

    /// <summary>Whether no block of it is in use.</summary>
    public bool IsEmpty => _live == 0;

    /// <summary>Whether a block of <paramref name="count"/> bytes fits behind those cut so far.</summary>
    public bool Fits(long count) => bytes - _used >= count;

    /// <summary>Cuts a block that fits.</summary>
    public byte* Cut(long count)
    {
        var block = _start + _used;
        _used = Math.Min(bytes, (_used + count + AlignedMemory.Alignment - 1) & -AlignedMemory.Alignment);
        _live++;
        return block;
    }

    /// <summary>Takes a block back and gives its pages to the system; the place is not used again before all blocks are back.</summary>
    public void Return(byte* block, long count)
    {
        _live--;
        LinuxMapping.Discard(block, count);
    }

    /// <summary>Makes an empty chunk as new.</summary>
    public void Reset()
    {
        _used = 0;
        LinuxMapping.Discard(_start, bytes);
    }

    public void Unmap() => LinuxMapping.Unmap(_start, bytes);
}
