using Cluster.Compute.Cuda.Interop;

namespace Cluster.Compute.Cuda.Memory;

/// <summary>
/// Page-locked memory for what a step sends to the device and gets back, handed out piece by piece. Pieces stay valid until
/// <see cref="Release"/>, when the device has been waited for; what steps have needed once is kept.
/// </summary>
internal sealed unsafe class StagingMemory(CudaContext context) : IDisposable
{
    private const int Alignment = 64;
    private const long SmallestBytes = 1 << 20;

    private readonly List<PinnedMemoryHandle> _chunks = [];
    private int _current;
    private long _used;

    /// <summary>A piece for <paramref name="count"/> elements, at the same address on the device.</summary>
    public T* Take<T>(int count)
        where T : unmanaged
    {
        var bytes = ((long)count * sizeof(T) + Alignment - 1) / Alignment * Alignment;
        while (_current < _chunks.Count && _used + bytes > _chunks[_current].Bytes) (_current, _used) = (_current + 1, 0);
        if (_current == _chunks.Count) _chunks.Add(context.AllocatePinned(Math.Max(SmallestBytes, 2 * bytes)));
        var piece = _chunks[_current].Pointer + _used;
        _used += bytes;
        return (T*)piece;
    }

    /// <summary>The device has been waited for: all pieces are free.</summary>
    public void Release() => (_current, _used) = (0, 0);

    public void Dispose()
    {
        foreach (var chunk in _chunks) chunk.Dispose();
    }
}
