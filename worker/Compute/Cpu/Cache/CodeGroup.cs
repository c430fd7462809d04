using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// A group of sixteen rows of integer codes: the runs, then 16 scales for each block of 32 elements, then as many minimums where
/// the type has them. It takes exactly the bytes of the rows' blocks in file format, which begin with scale and minimum.
/// </summary>
internal static unsafe class CodeGroup<TCodes, TBits, TOrder>
    where TCodes : struct, ICodeFormat
    where TBits : struct, ICodeBits
    where TOrder : struct, IGroupOrder
{
    private static readonly int s_blockBytes = TensorTraits.Get(TCodes.Type).BlockBytes;

    private static int HeaderBytes => TCodes.HasMinimum ? 2 * sizeof(ushort) : sizeof(ushort);

    /// <summary>Scales of a group; scale of block b of slot s at 16 · b + s.</summary>
    public static ushort* Scales(byte* group, int headDim) =>
        (ushort*)(group + CpuKvCache.GroupTokens * headDim / ICodeBits.RunCodes * TBits.RunBytes);

    /// <summary>Minimums of a group, in the order of its scales.</summary>
    public static ushort* Minimums(byte* group, int headDim) =>
        Scales(group, headDim) + CpuKvCache.GroupTokens * headDim / ICodeFormat.BlockSize;

    public static void Store(byte* group, int slot, byte* row, int headDim)
    {
        var codes = stackalloc byte[ICodeFormat.BlockSize];
        var scales = Scales(group, headDim) + slot;
        var minimums = Minimums(group, headDim) + slot;
        for (var block = 0; block < headDim / ICodeFormat.BlockSize; block++)
        {
            scales[block * CpuKvCache.GroupTokens] = ((ushort*)row)[0];
            if (TCodes.HasMinimum) minimums[block * CpuKvCache.GroupTokens] = ((ushort*)row)[1];
            TBits.Unpack(row + HeaderBytes, codes);
            TOrder.StoreCodes<TBits>(group, slot, block, headDim, codes);
            row += s_blockBytes;
        }
    }

    public static void Load(byte* group, int slot, byte* row, int headDim)
    {
        var codes = stackalloc byte[ICodeFormat.BlockSize];
        var scales = Scales(group, headDim) + slot;
        var minimums = Minimums(group, headDim) + slot;
        for (var block = 0; block < headDim / ICodeFormat.BlockSize; block++)
        {
            ((ushort*)row)[0] = scales[block * CpuKvCache.GroupTokens];
            if (TCodes.HasMinimum) ((ushort*)row)[1] = minimums[block * CpuKvCache.GroupTokens];
            TOrder.LoadCodes<TBits>(group, slot, block, headDim, codes);
            TBits.Pack(codes, row + HeaderBytes);
            row += s_blockBytes;
        }
    }
}
