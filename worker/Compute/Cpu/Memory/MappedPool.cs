namespace Cluster.Compute.Cpu.Memory;

/// <summary>
/// Cuts blocks of up to <see cref="SharedBytes"/> from common mappings, so that they share huge pages: a matrix of a few MiB in a mapping
/// of its own would have up to 2 MiB at either end outside of them. Not on any hot path, so one lock will do.
/// </summary>
internal static unsafe class MappedPool
{
    private const long ChunkBytes = 64 << 20;
    private const long SharedBytes = 16 << 20;

    private static readonly Lock s_lock = new();
    private static MappedChunk? s_current;

    /// <summary>A zeroed block, and the chunk to return it to.</summary>
    /// <exception cref="InsufficientMemoryException">The system refuses that many bytes.</exception>
    public static byte* Rent(long bytes, out MappedChunk chunk)
    {
        if (bytes > SharedBytes)
        {
            chunk = new MappedChunk(bytes);
            return chunk.Cut(bytes);
        }

        lock (s_lock)
        {
            if (s_current is null || !s_current.Fits(bytes))
            {
                var fresh = new MappedChunk(ChunkBytes);
                if (s_current is { IsEmpty: true }) s_current.Unmap();
                s_current = fresh;
            }

            chunk = s_current;
            return chunk.Cut(bytes);
        }
    }

    public static void Return(MappedChunk chunk, byte* block, long bytes)
    {
        lock (s_lock)
        {
            chunk.Return(block, bytes);
            if (!chunk.IsEmpty) return;
            if (chunk == s_current) chunk.Reset();
            else chunk.Unmap();
        }
    }
}
