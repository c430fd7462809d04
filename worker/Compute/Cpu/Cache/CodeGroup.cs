using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// A group of sixteen rows of integer codes: the runs, then 16 scales for each block of 32 elements. It takes exactly the bytes of the
/// rows' blocks in file format, which begin with the scale.
/// </summary>
internal static unsafe class CodeGroup<TCodes, TBits, TOrder>
    where TCodes : struct, ICodeFormat
    where TBits : struct, ICodeBits
    where TOrder : struct, IGroupOrder
{
    private const int HeaderBytes = sizeof(ushort);

    private static readonly int s_blockBytes = TensorTraits.Get(TCodes.Type).BlockBytes;

    /// <summary>Scales of a group; scale of block b of slot s at 16 · b + s.</summary>
    public static ushort* Scales(byte* group, int headDim) =>
        (ushort*)(group + CpuKvCache.GroupTokens * headDim / ICodeBits.RunCodes * TBits.RunBytes);

    public static void Store(byte* group, int slot, byte* row, int headDim)
    {
        var codes = stackalloc byte[ICodeFormat.BlockSize];
        var scales = Scales(group, headDim);
        for (var block = 0; block < headDim / ICodeFormat.BlockSize; block++)
        {
            scales[block * CpuKvCache.GroupTokens + slot] = *(ushort*)row;
            TBits.Unpack(row + HeaderBytes, codes);
            TOrder.StoreCodes<TBits>(group, slot, block, headDim, codes);
            row += s_blockBytes;
        }
    }

    public static void Load(byte* group, int slot, byte* row, int headDim)
    {
        var codes = stackalloc byte[ICodeFormat.BlockSize];
        var scales = Scales(group, headDim);
        for (var block = 0; block < headDim / ICodeFormat.BlockSize; block++)
        {
            *(ushort*)row = scales[block * CpuKvCache.GroupTokens + slot];
            TOrder.LoadCodes<TBits>(group, slot, block, headDim, codes);
            TBits.Pack(codes, row + HeaderBytes);
            row += s_blockBytes;
        }
    }
}
