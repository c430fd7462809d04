namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// Attention adds one token's value elements (lanes) at a time, or a pair of tokens' in integers. Codes: by four tokens, then sixteen
/// elements, and within these by pair of tokens, then element. Elements: by token.
/// </summary>
internal readonly struct ValueOrder : IGroupOrder
{
    private const int RunElements = ICodeFormat.RunCodes / 4;

    public static int Code(int slot, int element, int headDim) =>
        ((slot >> 2) * (headDim / RunElements) + element / RunElements) * ICodeFormat.RunCodes
            + ((slot >> 1) & 1) * (ICodeFormat.RunCodes / 2) + element % RunElements * 2 + (slot & 1);

    public static int Element(int slot, int element, int headDim) => slot * headDim + element;
}
