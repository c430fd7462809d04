namespace Cluster.Compute.Cpu.Cache;

/// <summary>
/// Attention multiplies sixteen tokens' keys by one query element at a time, or by a pair of them in integers. Codes: the lanes of a run
/// are the tokens, its members four elements. Elements: by element, then token.
/// </summary>
internal readonly unsafe struct KeyOrder : IGroupOrder
{
    private const int BlockRuns = ICodeFormat.BlockSize / ICodeBits.Members;

    public static int ElementStride => CpuKvCache.GroupTokens;

    public static void StoreCodes<TBits>(byte* group, int slot, int block, int headDim, byte* codes)
        where TBits : struct, ICodeBits
    {
        var run = group + block * BlockRuns * TBits.RunBytes;
        for (var i = 0; i < BlockRuns; i++) TBits.StoreLane(run + i * TBits.RunBytes, slot, ((uint*)codes)[i]);
    }

    public static void LoadCodes<TBits>(byte* group, int slot, int block, int headDim, byte* codes)
        where TBits : struct, ICodeBits
    {
        var run = group + block * BlockRuns * TBits.RunBytes;
        for (var i = 0; i < BlockRuns; i++) ((uint*)codes)[i] = TBits.LoadLane(run + i * TBits.RunBytes, slot);
    }

    public static int FirstElement(int slot, int headDim) => slot;
}
