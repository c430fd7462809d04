namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// Attention multiplies sixteen tokens' keys (lanes) by one query element at a time, or by a pair of them in integers: by (pair of)
/// elements, then token.
/// </summary>
internal readonly struct KeyOrder : IGroupOrder
{
    public static int Code(int slot, int element, int headDim) =>
        (element >> 1) * (2 * CpuKvCache.GroupTokens) + slot * 2 + (element & 1);

    public static int Element(int slot, int element, int headDim) => element * CpuKvCache.GroupTokens + slot;
}
