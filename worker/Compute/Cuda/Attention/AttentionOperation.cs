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

    /// <summary>TILE in attention.cu, and MAX_SPLITS in attention_end.cuh.</summary>
    private const int MostTile = 32;
    private const int MostSplits = 128;

    /// <summary>MAX_SPLITS of prompt.cu.</summary>
    private const int MostPromptSplits = 16;

    /// <summary>Query rows of a block: more would not fit a warp's registers.</summary>
    private const int MostRows = 8;

    /// <summary>Warps of a multiprocessor that hide each other's waits.</summary>
    private const int WarpsOfMultiprocessor = 8;

    private readonly ScratchMemory _partials = new(context);
    private readonly ScratchMemory _arrived = new(context);

    /// <summary>The cache whose last values are still to be rounded by what their errors cost.</summary>
    private CudaKvCache? _unrounded;

    private PendingAppend? _pending;

    /// <summary>Rotates and appends, or leaves it to the attention that follows.</summary>
    public void RotateAndAppend(CudaBuffer qkv, AttentionShape shape, CudaKvCache cache, int layer)
    {
        var format = cache.Shape.Layers[layer];
        var isDeferred = cache.OutputWeights(layer) != 0 && step.TokenCount <= DeferredRounding.MostTokens;
        if (isDeferred) _unrounded = cache;
        _pending = new PendingAppend(
            qkv, shape, cache, layer,
            new HeadRotations(step.Angles, step.RotaryPairs, step.IsInterleaved ? 1 : 0, format.KeyRotation, format.ValueRotation),
            new AppendedRows(cache.OutputWeights(layer), isDeferred ? cache.Deferred!.Rows(layer) : 0));
        var isOneBlock = shape.HeadCount <= MostRows * shape.KvHeadCount;
        var isWeighted = cache.OutputWeights(layer) != 0 && !isDeferred;
        if (!step.IsDecode || !isOneBlock || isWeighted || !cache.Kernels(layer).HasDecode) Append();
    }

    /// <summary>Whether the append that waits, if one does, is that of an attention.</summary>
    public bool IsPending(CudaBuffer qkv, AttentionShape shape, CudaKvCache cache, int layer) =>
        _pending is { } pending && pending.Qkv == qkv && pending.Shape == shape && pending.Cache == cache && pending.Layer == layer;

    /// <summary>Queues the append that waits, if one does.</summary>
    public void Append()
    {
        if (_pending is not { } pending) return;
        _pending = null;
        context.Enter();
        var shape = pending.Shape;
        var warps = (long)step.TokenCount * (shape.HeadCount + 2 * shape.KvHeadCount);
        pending.Cache.Kernels(pending.Layer).Append.Launch(
            (int)((warps * Warp + AppendThreads - 1) / AppendThreads), 1, 1, AppendThreads,
            new KernelArguments
            {
                pending.Qkv.Address, step.TokenCount, shape.HeadCount, shape.KvHeadCount, step.Tokens, pending.Cache.Layer(pending.Layer),
                pending.Rotations, pending.Rows,
            },
            context.Timer.Append(step, pending.Cache.Shape, pending.Layer, KvPart.Keys, KvPart.Values)
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

    /// <summary>Attends, after the append that waits: that of the same rows, or none.</summary>
    public void Attend(CudaBuffer qkv, AttentionShape shape, CudaKvCache cache, int layer, CudaBuffer output, int outputWidth, int outputOffset)
    {
        context.Enter();
        var (groupHeads, headDim) = (shape.HeadCount / shape.KvHeadCount, shape.HeadDim);
        var heads = Math.Min(groupHeads, MostRows);
        var columns = shape.KvHeadCount * ((groupHeads + heads - 1) / heads);
        var isWhole = outputOffset == 0 && outputWidth == shape.HeadCount * headDim && headDim % ActivationCache.BlockColumns == 0;
        var quantized = isWhole && step.TokenCount <= MatMulOperation.MostVectorTokens ? activations.Prepare(output, outputWidth, step.TokenCount) : default;
        var target = new AttentionTarget(output.Address, outputWidth, outputOffset, cache.Shape.Layers[layer].ValueRotation, quantized);
        if (step.IsDecode && cache.Kernels(layer).HasDecode) Decode(qkv, shape, cache, layer, heads, columns, target);
        else if (!step.IsDecode && cache.Kernels(layer).HasPrompt) AttendPrompt(qkv, shape, cache, layer, heads, columns, target);
        else AttendTiles(qkv, shape, cache, layer, heads, columns, target);
    }

    private void Decode(CudaBuffer qkv, AttentionShape shape, CudaKvCache cache, int layer, int heads, int columns, in AttentionTarget target)
    {
        var (rotations, rows) = (_pending?.Rotations ?? default, _pending?.Rows ?? default);
        _pending = null;
        var warps = CacheKernels.AttentionWarps(shape.HeadDim, heads, 1);
        var splits = Splits(step.TokenCount * columns, warps, CacheKernels.DecodeTile);
        cache.Kernels(layer).Decode(heads).Launch(
            splits, columns, step.TokenCount, warps * Warp,
            new KernelArguments
            {
                qkv.Address, new AttentionKernelShape(shape, step.TokenCount, CacheKernels.DecodeTile), step.Tokens, cache.Layer(layer), rotations, rows,
                Partials(step.TokenCount * columns, splits, heads, shape.HeadDim), target,
            },
            context.Timer.Attention(step, shape, cache.Shape, layer));
    }

    private void AttendPrompt(CudaBuffer qkv, AttentionShape shape, CudaKvCache cache, int layer, int heads, int columns, in AttentionTarget target)
    {
        var (rows, tile, warps) = (CacheKernels.PromptRows(shape.HeadDim), CacheKernels.PromptTile(shape.HeadDim), CacheKernels.PromptWarps(shape.HeadDim));
        var tileTokens = rows / heads;
        var (tiles, tileAddress) = step.Tiles(tileTokens);
        var splits = Math.Min(MostPromptSplits, Splits(tiles * columns, warps, (tile + warps - 1) / warps));
        cache.Kernels(layer).Prompt(heads).Launch(
            splits, columns, tiles, warps * Warp,
            new KernelArguments
            {
                qkv.Address, new AttentionKernelShape(shape, step.TokenCount, tile), step.Tokens, tileAddress, cache.Layer(layer),
                Partials(tiles * columns, splits, heads * tileTokens, shape.HeadDim), target,
            },
            context.Timer.Attention(step, shape, cache.Shape, layer));
    }

    private void AttendTiles(CudaBuffer qkv, AttentionShape shape, CudaKvCache cache, int layer, int heads, int columns, in AttentionTarget target)
    {
        var tileTokens = step.IsDecode ? 1 : Math.Max(1, MostRows / heads);
        var (tiles, tileAddress) = step.Tiles(tileTokens);
        var warps = CacheKernels.AttentionWarps(shape.HeadDim, heads, tileTokens);
        var tile = Tile(warps, shape.HeadDim);
        var splits = Splits(tiles * columns, warps, tile);
        cache.Kernels(layer).Attention(heads, tileTokens).Launch(
            splits, columns, tiles, warps * Warp,
            new KernelArguments
            {
                qkv.Address, new AttentionKernelShape(shape, step.TokenCount, tile), step.Tokens, tileAddress, cache.Layer(layer),
                Partials(tiles * columns, splits, heads * tileTokens, shape.HeadDim), target,
            },
            context.Timer.Attention(step, shape, cache.Shape, layer));
    }

    public void Dispose()
    {
        _partials.Dispose();
        _arrived.Dispose();
    }

    /// <summary>Room for what splits have of so many blocks' rows; none where there is one split.</summary>
    private AttentionPartials Partials(int blocks, int splits, int rows, int headDim)
    {
        if (splits == 1) return default;
        var parts = (long)blocks * splits * rows;
        var sums = _partials.Reserve(parts * (headDim + 2) * sizeof(float));
        return new AttentionPartials(sums, sums + (ulong)(parts * headDim * sizeof(float)), _arrived.ReserveCleared((long)blocks * sizeof(int)));
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
