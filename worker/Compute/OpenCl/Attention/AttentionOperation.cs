using Cluster.Compute.Devices;
using Cluster.Compute.OpenCl.Memory;
using Cluster.Model.KvCache;

namespace Cluster.Compute.OpenCl.Attention;

/// <summary>Rotation, appending to the cache, and attention over it.</summary>
internal sealed class AttentionOperation(OpenClContext context, OpenClStep step, CacheKernels kernels) : IDisposable
{
    /// <summary>ITEMS in attention.cl.</summary>
    private const int TileTokens = 64;

    /// <summary>Query rows of a work-group: more would not fit its registers.</summary>
    private const int MostRows = 8;

    private const int MostSplits = 128;

    /// <summary>Work-groups of a compute unit that hide each other's waits.</summary>
    private const int GroupsOfUnit = 4;

    /// <summary>Weights are powers of 2.</summary>
    private const float Log2E = 1.44269504088896f;

    private readonly ScratchMemory _sums = new(context);
    private readonly ScratchMemory _weights = new(context);

    public void RotateAndAppend(OpenClMemory qkv, AttentionShape shape, OpenClKvCache cache, int layer)
    {
        var format = cache.Shape.Layers[layer];
        var (heads, kvHeads, headDim) = (shape.HeadCount, shape.KvHeadCount, shape.HeadDim);
        kernels.Rotate.Run(
            heads + 2 * kvHeads, step.TokenCount, 1, headDim,
            new OpenClArguments
            {
                qkv, headDim, heads, kvHeads, step.Angles, step.RotaryPairs, step.IsInterleaved ? 1 : 0, format.KeyRotation, format.ValueRotation,
            },
            context.Timer.Work(2L * step.TokenCount * shape.QkvWidth * sizeof(float)));
        kernels.Append(format.KeyType, cache.Shape).Nearest.Run(
            step.TokenCount, kvHeads, 1, headDim,
            new OpenClArguments { qkv, shape.QkvWidth, heads * headDim, step.Tokens, step.TokenCount, kvHeads, cache.Keys(layer) },
            context.Timer.Append(step, cache.Shape, layer, KvPart.Keys));

        var values = kernels.Append(format.ValueType, cache.Shape);
        var arguments = new OpenClArguments
        {
            qkv, shape.QkvWidth, (heads + kvHeads) * headDim, step.Tokens, step.TokenCount, kvHeads, cache.Values(layer),
        };
        var weights = cache.OutputWeights(layer);
        if (weights is not null) arguments.Add(weights);
        (weights is null ? values.Nearest : values.Weighted!).Run(
            step.TokenCount, kvHeads, 1, headDim, arguments, context.Timer.Append(step, cache.Shape, layer, KvPart.Values));
    }

    public void Attend(OpenClMemory qkv, AttentionShape shape, OpenClKvCache cache, int layer, OpenClMemory output, int outputWidth, int outputOffset)
    {
        if (step.TokenCount == 0) return;
        var (heads, kvHeads) = (shape.HeadCount, shape.KvHeadCount);
        var groupHeads = heads / kvHeads;
        var chunkHeads = Math.Min(groupHeads, MostRows);
        var columns = kvHeads * ((groupHeads + chunkHeads - 1) / chunkHeads);
        var tileTokens = step.IsDecode ? 1 : Math.Max(1, MostRows / chunkHeads);
        var (tiles, tileMemory) = step.Tiles(tileTokens);
        var splits = Splits(tiles * columns);
        var parts = (long)step.TokenCount * heads * splits;
        var (sums, weights) = (_sums.Reserve(parts * shape.HeadDim * sizeof(float)), _weights.Reserve(parts * 2 * sizeof(float)));
        kernels.Attention(cache.Shape.Layers[layer], cache.Shape, Rows(chunkHeads * tileTokens)).Run(
            splits, columns, tiles, TileTokens,
            new OpenClArguments
            {
                qkv, heads, kvHeads, chunkHeads, shape.Scale * Log2E, step.Tokens, step.TokenCount, tileMemory, cache.Keys(layer), cache.Values(layer),
                sums, weights,
            },
            context.Timer.Attention(step, shape, cache.Shape, layer));
        kernels.Merge.Run(
            heads, step.TokenCount, 1, shape.HeadDim,
            new OpenClArguments { sums, weights, heads, shape.HeadDim, splits, cache.Shape.Layers[layer].ValueRotation, output, outputWidth, outputOffset },
            context.Timer.Work((parts + (long)step.TokenCount * heads) * shape.HeadDim * sizeof(float)));
    }

    public void Dispose()
    {
        _sums.Dispose();
        _weights.Dispose();
    }

    /// <summary>Rows that kernels are compiled for: 1, or enough for all others, so that there are not many.</summary>
    private static int Rows(int wanted) => wanted == 1 ? 1 : wanted <= MostRows / 2 ? MostRows / 2 : MostRows;

    /// <summary>Parts of the context: as many as keep the device busy.</summary>
    private int Splits(int groups)
    {
        var contextTiles = (step.LongestContext + TileTokens - 1) / TileTokens;
        return Math.Clamp(GroupsOfUnit * context.Info.ComputeUnits / groups, 1, Math.Min(MostSplits, contextTiles));
    }
}
