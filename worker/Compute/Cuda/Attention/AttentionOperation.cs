using Cluster.Compute.Cuda.Matrices;
using Cluster.Compute.Cuda.Memory;
using Cluster.Compute.Devices;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Cuda.Attention;

/// <summary>Rotation, appending to the cache, and attention over it.</summary>
internal sealed class AttentionOperation(CudaContext context, CudaStep step, ActivationCache activations) : IDisposable
{
    private const int AppendThreads = 128;
    private const int Warp = 32;

    /// <summary>TILE and MAX_SPLITS in attention.cu.</summary>
    private const int MostTile = 32;
    private const int MostSplits = 128;

    /// <summary>Query rows of a block: more would not fit a warp's registers.</summary>
    private const int MostRows = 8;

    /// <summary>Warps of a multiprocessor that hide each other's waits.</summary>
    private const int WarpsOfMultiprocessor = 8;

    private readonly ScratchMemory _partials = new(context);
    private readonly ScratchMemory _arrived = new(context);

    /// <summary>The cache whose last values are still to be rounded by what their errors cost.</summary>
    private CudaKvCache? _unrounded;

    public void RotateAndAppend(CudaBuffer qkv, AttentionShape shape, CudaKvCache cache, int layer)
    {
        var format = cache.Shape.Layers[layer];
        var isDeferred = cache.OutputWeights(layer) != 0 && step.TokenCount <= DeferredRounding.MostTokens;
        if (isDeferred) _unrounded = cache;
        var warps = (long)step.TokenCount * (shape.HeadCount + 2 * shape.KvHeadCount);
        cache.Kernels(layer).Append.Launch(
            (int)((warps * Warp + AppendThreads - 1) / AppendThreads), 1, 1, AppendThreads,
            new KernelArguments
            {
                qkv.Address, step.TokenCount, shape.HeadCount, shape.KvHeadCount, step.Tokens, cache.Layer(layer), step.Angles, step.RotaryPairs,
                step.IsInterleaved ? 1 : 0, format.KeyRotation, format.ValueRotation, cache.OutputWeights(layer),
                isDeferred ? cache.Deferred!.Rows(layer) : 0,
            },
            context.Timer.Append(step, cache.Shape, layer, KvPart.Keys, KvPart.Values)
                .With(2L * step.TokenCount * shape.HeadCount * shape.HeadDim * sizeof(float)));
    }

    /// <summary>Queues what a step leaves to be done behind it.</summary>
    public void EndStep()
    {
        if (_unrounded is not { } cache) return;
        _unrounded = null;
        cache.Deferred!.Run(step.Tokens, step.TokenCount);
    }

    /// <summary>The cache is about to go.</summary>
    public void Forget(CudaKvCache cache)
    {
        if (_unrounded == cache) _unrounded = null;
    }

    public void Attend(CudaBuffer qkv, AttentionShape shape, CudaKvCache cache, int layer, CudaBuffer output, int outputWidth, int outputOffset)
    {
        var groupHeads = shape.HeadCount / shape.KvHeadCount;
        var heads = Math.Min(groupHeads, MostRows);
        var chunks = (groupHeads + heads - 1) / heads;
        var tileTokens = step.IsDecode ? 1 : Math.Max(1, MostRows / heads);
        var (tiles, tileAddress) = step.Tiles(tileTokens);
        var kernel = cache.Kernels(layer).Attention(heads, tileTokens);
        var columns = shape.KvHeadCount * chunks;
        var (rows, headDim) = (heads * tileTokens, shape.HeadDim);
        var warps = CacheKernels.AttentionWarps(headDim, heads, tileTokens);
        var tile = Tile(warps, headDim);
        var splits = Splits(tiles * columns, warps, tile);
        var partials = default(AttentionPartials);
        if (splits > 1)
        {
            var parts = (long)tiles * columns * splits * rows;
            var sums = _partials.Reserve(parts * (headDim + 2) * sizeof(float));
            partials = new AttentionPartials(
                sums, sums + (ulong)(parts * headDim * sizeof(float)), _arrived.ReserveCleared((long)tiles * columns * sizeof(int)));
        }

        var isWhole = outputOffset == 0 && outputWidth == shape.HeadCount * headDim && headDim % ActivationCache.BlockColumns == 0;
        var quantized = isWhole && step.TokenCount <= MatMulOperation.MostVectorTokens ? activations.Prepare(output, outputWidth, step.TokenCount) : default;
        kernel.Launch(
            splits, columns, tiles, warps * Warp,
            new KernelArguments
            {
                qkv.Address, new AttentionKernelShape(shape, step.TokenCount, tile), step.Tokens, tileAddress, cache.Layer(layer), partials,
                new AttentionTarget(output.Address, outputWidth, outputOffset, cache.Shape.Layers[layer].ValueRotation, quantized),
            },
            context.Timer.Attention(step, shape, cache.Shape, layer));
    }

    public void Dispose()
    {
        _partials.Dispose();
        _arrived.Dispose();
    }

    /// <summary>Cached tokens that a warp takes at once: fewer where that gives every warp of a block some of a short context.</summary>
    private int Tile(int warps, int headDim)
    {
        var tile = CacheKernels.AttentionStep(headDim);
        while (tile < MostTile && tile * warps < step.LongestContext) tile *= 2;
        return tile;
    }

    /// <summary>Parts of the context: as many as keep the device busy, none of them less than a tile for each warp.</summary>
    private int Splits(int blocks, int warps, int tile)
    {
        var most = Math.Min(MostSplits, (step.LongestContext + tile * warps - 1) / (tile * warps));
        return Math.Clamp(WarpsOfMultiprocessor / warps * context.Info.Multiprocessors / blocks, 1, most);
    }
}
