using Cluster.Compute.OpenCl.Memory;
using Cluster.Model.Formats;

namespace Cluster.Compute.OpenCl.Attention;

/// <summary>Rows of one head in one block of the cache, in and out in file format.</summary>
/// <param name="context">The device.</param>
/// <param name="memory">The keys or values of a layer.</param>
/// <param name="region">Where those of the head in the block begin.</param>
/// <param name="type">Their type.</param>
/// <param name="headDim">Elements of a row.</param>
/// <param name="blockTokens">Rows of a region.</param>
internal readonly struct CacheRows(OpenClContext context, OpenClMemory memory, long region, TensorType type, int headDim, int blockTokens)
{
    private readonly RowPlanes _planes = RowPlanes.Of(type);

    private bool IsQuantized => TensorTraits.Get(type).IsQuantized;

    public void Read(int first, Span<byte> rows)
    {
        if (!IsQuantized)
        {
            context.Download(memory, region + first * RowBytes, rows);
            return;
        }

        var (codes, high, scales) = Planes(rows.Length);
        var (codeStart, highStart, scaleStart) = Places(first);
        context.Download<byte>(memory, codeStart, codes);
        context.Download<byte>(memory, highStart, high);
        context.Download<byte>(memory, scaleStart, scales);
        _planes.Join(codes, high, scales, rows);
    }

    public void Write(int first, ReadOnlySpan<byte> rows)
    {
        if (!IsQuantized)
        {
            context.Upload(rows, memory, region + first * RowBytes);
            return;
        }

        var (codes, high, scales) = Planes(rows.Length);
        var (codeStart, highStart, scaleStart) = Places(first);
        _planes.Split(rows, codes, high, scales);
        context.Upload<byte>(codes, memory, codeStart);
        context.Upload<byte>(high, memory, highStart);
        context.Upload<byte>(scales, memory, scaleStart);
    }

    private long RowBytes => TensorTraits.Get(type).BytesFor(headDim);

    private int RowBlocks => headDim / TensorTraits.Get(type).BlockSize;

    private (byte[] Codes, byte[] High, byte[] Scales) Planes(int bytes)
    {
        var blocks = bytes / TensorTraits.Get(type).BlockBytes;
        return (new byte[blocks * _planes.CodeBytes], new byte[blocks * _planes.HighBytes], new byte[blocks * _planes.ScaleBytes]);
    }

    private (long Codes, long High, long Scales) Places(int first)
    {
        var (codes, high, scales) = _planes.Starts(blockTokens * RowBlocks);
        var block = first * RowBlocks;
        return (region + codes + block * _planes.CodeBytes, region + high + block * _planes.HighBytes, region + scales + block * _planes.ScaleBytes);
    }
}
