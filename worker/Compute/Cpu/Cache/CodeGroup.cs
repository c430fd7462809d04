using Cluster.Model.Formats;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>A group of sixteen rows of integer codes, as <see cref="ICodeFormat"/> describes it.</summary>
internal static unsafe class CodeGroup<TCodes, TOrder>
    where TCodes : struct, ICodeFormat
    where TOrder : struct, IGroupOrder
{
    private static readonly TensorTrait s_trait = TensorTraits.Get(TCodes.Type);

    /// <summary>Scales of a group; scale of block b of slot s at 16 · b + s.</summary>
    public static ushort* Scales(byte* group, int headDim) =>
        (ushort*)(group + CpuKvCache.GroupTokens * headDim / ICodeFormat.RunCodes * TCodes.RunBytes);

    /// <summary>Codes of several slots share bytes: not for two rows of a group at once.</summary>
    public static void Write(byte* group, int slot, ReadOnlySpan<float> row)
    {
        var block = stackalloc byte[s_trait.BlockBytes];
        var scales = Scales(group, row.Length);
        for (var start = 0; start < row.Length; start += ICodeFormat.BlockSize)
        {
            s_trait.Quantize(row.Slice(start, ICodeFormat.BlockSize), new Span<byte>(block, s_trait.BlockBytes));
            scales[start / ICodeFormat.BlockSize * CpuKvCache.GroupTokens + slot] = *(ushort*)block;
            for (var i = 0; i < ICodeFormat.BlockSize; i++) TCodes.Store(group, TOrder.Code(slot, start + i, row.Length), block, i);
        }
    }
}
