using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Cluster.Compute.Cuda.Collectives;
using Cluster.Compute.Cuda.Matrices;

namespace Cluster.Compute.Cuda.Chains;

/// <summary>One product of a chain as the kernel takes it, with what is done to its input and its output: the struct of the same name in chain.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ChainLink
{
    public MatrixGroup<BlockPlanes> Group;
    public int RowBlocks;
    public ChainInput Kind;
    public ulong Input;
    public QuantizedRows Quantized;
    public ulong Gain;
    public ulong Normed;
    public float Epsilon;
    public int OutputWidth;
    public ulong Output;
    public ulong Residual;
    public ulong Gated;
    public uint InputSum;
    public uint OutputSum;
}

/// <summary>A chain as the kernel takes it: the struct of the same name in chain.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ProductChain
{
    public ChainLinks Links;
    public int Count;
    public int Tokens;
    public ulong Arrived;
    public uint Before;
    public ExchangeRanks Ranks;

    [InlineArray(Capacity)]
    public struct ChainLinks
    {
        public const int Capacity = 6;

        private ChainLink _first;
    }
}
