namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// Attention adds one token's value elements (lanes) at a time, or a pair of tokens' in integers: by (pair of) tokens, then element.
/// </summary>
internal readonly struct ValueOrder : IGroupOrder
{
    public static int Code(int slot, int element, int headDim) => (slot >> 1) * (2 * headDim) + element * 2 + (slot & 1);

    public static int Element(int slot, int element, int headDim) => slot * headDim + element;
}
