using System.Runtime.Intrinsics;

namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// Attention adds one token's value elements at a time, or a pair of tokens' in integers. Codes: the lanes of a run are sixteen elements,
/// its members four tokens; runs go by four tokens, then elements. Elements: by token.
/// </summary>
internal readonly unsafe struct ValueOrder : IGroupOrder
{
    private const int BlockRuns = ICodeFormat.BlockSize / ICodeBits.Lanes;

    public static int ElementStride => 1;

    public static void StoreCodes<TBits>(byte* group, int slot, int block, int headDim, byte* codes)
        where TBits : struct, ICodeBits
    {
        var run = Run<TBits>(group, slot, block, headDim);
        for (var i = 0; i < BlockRuns; i++)
            TBits.StoreMember(run + i * TBits.RunBytes, slot % ICodeBits.Members, Vector128.Load(codes + i * ICodeBits.Lanes));
    }

    public static void LoadCodes<TBits>(byte* group, int slot, int block, int headDim, byte* codes)
        where TBits : struct, ICodeBits
    {
        var run = Run<TBits>(group, slot, block, headDim);
        for (var i = 0; i < BlockRuns; i++)
            TBits.LoadMember(run + i * TBits.RunBytes, slot % ICodeBits.Members).Store(codes + i * ICodeBits.Lanes);
    }

    public static int FirstElement(int slot, int headDim) => slot * headDim;

    /// <summary>The run of a block's first elements.</summary>
    private static byte* Run<TBits>(byte* group, int slot, int block, int headDim)
        where TBits : struct, ICodeBits =>
        group + (slot / ICodeBits.Members * (headDim / ICodeBits.Lanes) + block * BlockRuns) * TBits.RunBytes;
}
