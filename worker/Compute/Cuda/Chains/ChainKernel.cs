using Cluster.Compute.Cuda.Matrices;
using Cluster.Compute.Gpu;
using Cluster.Model.Formats;

namespace Cluster.Compute.Cuda.Chains;

/// <summary>
/// The kernel that runs chains of one weight format for up to so many tokens, and how it divides a multiprocessor's shared memory: a ring of weights
/// for each warp, the rest for activations.
/// </summary>
internal sealed class ChainKernel
{
    public const int Warps = 16;

    private const int Warp = 32;

    /// <summary>ROWS in chain.cuh.</summary>
    private const int TileRows = 4;

    /// <summary>What copies to shared memory are counted in.</summary>
    private const int CopyBytes = 16;

    /// <summary>Columns of a tile: a block for each lane.</summary>
    private const int TileColumns = Warp * ActivationCache.BlockColumns;

    /// <summary>What the slots must leave for each token's activations, if they can: the columns of most models' feed-forward layers.</summary>
    private const int UsualColumns = 14_336;

    /// <summary>More than this hides no more waiting.</summary>
    private const int MostSlots = 5;

    private readonly CudaKernel _kernel;
    private readonly int _tokens;
    private readonly int _ringBytes;
    private readonly int _sharedBytes;
    private readonly int _blocks;

    private ChainKernel(CudaContext context, TensorType type, int tokens, int slots, bool hasSums)
    {
        _tokens = tokens;
        _ringBytes = Warps * slots * SlotBytes(type);
        _sharedBytes = context.Info.SharedBytes;
        _blocks = context.Info.Multiprocessors;
        _kernel = context.Load(ProgramOf(type, tokens, slots, hasSums)).Kernel("product_chain", WeightKernels.NameOf(type));
        _kernel.UseShared(_sharedBytes);
    }

    /// <summary>The kernel for a format, with sums over ranks or without; null where the device cannot run it.</summary>
    public static ChainKernel? Create(CudaContext context, TensorType type, int tokens, bool hasSums)
    {
        if (!context.Info.IsHopper || !context.HasBulkCopies) return null;
        var slots = (context.Info.SharedBytes - StaticBytes(tokens) - ActivationBytes(UsualColumns, tokens)) / (Warps * SlotBytes(type));
        return slots < 2 ? null : new ChainKernel(context, type, tokens, Math.Min(slots, MostSlots), hasSums);
    }

    public static KernelProgram ProgramOf(TensorType type, int tokens, int slots, bool hasSums) =>
        WeightKernels.BlockProgramOf(type).Define("TOKENS", tokens).Define("SLOTS", slots).Define("CHAIN_WARPS", Warps)
            .Define("HAS_SUMS", hasSums ? 1 : 0).Include("product_chain.cu");

    /// <summary>Whether matrices of a format and width can be part of a chain: rows of every plane, and tiles of them, can be copied.</summary>
    public static bool Takes(TensorType type, int columns)
    {
        var (row, tile) = (PlaneBytes.Of(type, 1, columns, columns), PlaneBytes.Of(type, 1, TileColumns, TileColumns));
        return columns % (8 * ActivationCache.BlockColumns) == 0 && row.SuperScales % CopyBytes == 0 && tile.SuperScales % CopyBytes == 0;
    }

    /// <summary>Whether there is room for activations of so many columns.</summary>
    public bool Fits(int columns) => _ringBytes + StaticBytes(_tokens) + ActivationBytes(columns, _tokens) <= _sharedBytes;

    /// <summary>Queues a chain.</summary>
    /// <param name="chain">Its links.</param>
    /// <param name="works">What each of them has to do.</param>
    /// <returns>How much it adds to the count of blocks that have ended a link.</returns>
    public uint Launch(in ProductChain chain, ReadOnlySpan<KernelWork> works)
    {
        var columns = 0;
        for (var i = 0; i < chain.Count; i++) columns = Math.Max(columns, chain.Links[i].RowBlocks * ActivationCache.BlockColumns);
        _kernel.Launch(_blocks, Warps * Warp, _ringBytes + ActivationBytes(columns, _tokens), chain, works);
        return (uint)((chain.Count - 1) * _blocks);
    }

    /// <summary>A block of each of a tile's rows for each lane.</summary>
    private static int SlotBytes(TensorType type) => (int)PlaneBytes.Of(type, TileRows, TileColumns, TileColumns).Total;

    private static int ActivationBytes(int columns, int tokens) => (int)ActivationCache.BytesOf((long)tokens * columns);

    /// <summary>What the kernel takes besides.</summary>
    private static int StaticBytes(int tokens) => Warps * (tokens * sizeof(float) + MostSlots * sizeof(ulong));
}
