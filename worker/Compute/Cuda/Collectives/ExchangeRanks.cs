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

    /// <summary>PIECE_VALUES in exchange_many.cuh.</summary>
    public const int PieceValues = 16 * PieceThreads;

    /// <summary>PIECE_THREADS there.</summary>
    public const int PieceThreads = 512;

    /// <summary>Values that are staged in a region, of all ranks and both sums: 64 MiB.</summary>
    private const int StagedValues = 1 << 24;

    /// <summary>Where this rank reaches each rank's region, its own one too.</summary>
    public RankAddresses Regions;

    /// <summary>Of a word in the host's memory.</summary>
    public ulong Abandoned;
    public int Rank;
    public int Size;
    public int FirstFlag;
    public int Blocks;
    public int Flags;
    public int MostStaged;

    /// <summary>Values that have room at once in a sum over so many ranks.</summary>
    public static int MostStagedOf(int size) => StagedValues / (2 * size) / PieceValues * PieceValues;

    /// <summary>What a region of so many ranks takes.</summary>
    public static long RegionBytes(int size)
    {
        var staged = MostStagedOf(size);
        return MostFlags * sizeof(uint)
            + 2L * size * (MostValues * sizeof(ulong) + (long)staged * sizeof(float) + staged / PieceValues * sizeof(uint));
    }

    [InlineArray(Capacity)]
    public struct RankAddresses
    {
        public const int Capacity = 8;

        private ulong _first;
    }
}
