using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Cluster.Compute.Cuda.Collectives;

/// <summary>The ranks that sum through each other's memory, as kernels take them: Exchange in exchange.cuh, which says what stands in a region.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ExchangeRanks
{
    /// <summary>MOST_VALUES there.</summary>
    public const int MostValues = 65_536;

    /// <summary>MAX_FLAGS there.</summary>
    public const int MostFlags = 2048;

    /// <summary>Where this rank reaches each rank's region, its own one too.</summary>
    public RankAddresses Regions;

    /// <summary>Of a word in the host's memory.</summary>
    public ulong Abandoned;
    public int Rank;
    public int Size;
    public int FirstFlag;
    public int Blocks;
    public int Flags;

    /// <summary>What a region of so many ranks takes.</summary>
    public static long RegionBytes(int size) => MostFlags * sizeof(uint) + 2L * size * MostValues * sizeof(ulong);

    [InlineArray(Capacity)]
    public struct RankAddresses
    {
        public const int Capacity = 8;

        private ulong _first;
    }
}
