using Cluster.Model.KvCache;

namespace Cluster.Compute.KvCache;

/// <summary>
/// One rank's quantized keys and values, in a device's own layout. Rows go in and out in file format, the same on every device: blocks of
/// the layer's type, as <see cref="Model.Formats.TensorTrait.Quantize"/> writes them. Not for use during a step.
/// </summary>
public abstract class KvCacheShard(KvCacheShape shape) : IDisposable
{
    public KvCacheShape Shape { get; } = shape;

    /// <summary>Bytes really allocated on the device.</summary>
    public abstract long Bytes { get; }

    /// <summary>Makes block <paramref name="target"/> the same as <paramref name="source"/>, in all layers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The cache has no such block.</exception>
    public void CopyBlock(int source, int target)
    {
        CheckBlock(source, nameof(source));
        CheckBlock(target, nameof(target));
        if (source != target) CopyBlockCore(source, target);
    }

    /// <summary>Takes tokens' keys or values of one head out of the cache.</summary>
    /// <param name="layer">Layer of the shard.</param>
    /// <param name="kvHead">KV head of this rank.</param>
    /// <param name="part">Keys or values.</param>
    /// <param name="blockTable">A sequence's blocks; token t is in the one at t / <see cref="KvCacheShape.BlockTokens"/>.</param>
    /// <param name="firstToken">First of the tokens.</param>
    /// <param name="tokenCount">How many.</param>
    /// <param name="rows">Takes <see cref="KvCacheShape.RowBytes"/> for each token.</param>
    /// <exception cref="ArgumentException">Something that the cache does not have, or another number of bytes.</exception>
    public void ReadRows(int layer, int kvHead, KvPart part, ReadOnlySpan<int> blockTable, int firstToken, int tokenCount, Span<byte> rows)
    {
        CheckRows(layer, kvHead, part, blockTable, firstToken, tokenCount, rows.Length);
        while (rows.Length > 0)
        {
            var bytes = BytesInBlock(layer, part, firstToken, rows.Length, out var index, out var token);
            ReadBlockRows(layer, kvHead, part, blockTable[index], token, rows[..bytes]);
            rows = rows[bytes..];
            firstToken += Shape.BlockTokens - token;
        }
    }

    /// <summary>Puts what <see cref="ReadRows"/> took back, byte for byte, into the same or another sequence's blocks.</summary>
    /// <inheritdoc cref="ReadRows"/>
    public void WriteRows(int layer, int kvHead, KvPart part, ReadOnlySpan<int> blockTable, int firstToken, int tokenCount, ReadOnlySpan<byte> rows)
    {
        CheckRows(layer, kvHead, part, blockTable, firstToken, tokenCount, rows.Length);
        while (rows.Length > 0)
        {
            var bytes = BytesInBlock(layer, part, firstToken, rows.Length, out var index, out var token);
            WriteBlockRows(layer, kvHead, part, blockTable[index], token, rows[..bytes]);
            rows = rows[bytes..];
            firstToken += Shape.BlockTokens - token;
        }
    }

    public abstract void Dispose();

    /// <summary>Two blocks that exist and are not the same.</summary>
    protected abstract void CopyBlockCore(int source, int target);

    /// <summary>Whole rows of one block, from its token <paramref name="token"/> on.</summary>
    protected abstract void ReadBlockRows(int layer, int kvHead, KvPart part, int block, int token, Span<byte> rows);

    /// <inheritdoc cref="ReadBlockRows"/>
    protected abstract void WriteBlockRows(int layer, int kvHead, KvPart part, int block, int token, ReadOnlySpan<byte> rows);

    /// <summary>How much of <paramref name="bytes"/> is in the block of a sequence's token.</summary>
    private int BytesInBlock(int layer, KvPart part, int sequenceToken, int bytes, out int index, out int token)
    {
        (index, token) = Math.DivRem(sequenceToken, Shape.BlockTokens);
        return (int)Math.Min(bytes, (long)(Shape.BlockTokens - token) * Shape.RowBytes(layer, part));
    }

    private void CheckRows(int layer, int kvHead, KvPart part, ReadOnlySpan<int> blockTable, int firstToken, int tokenCount, int bytes)
    {
        if ((uint)layer >= (uint)Shape.LayerCount)
            throw new ArgumentOutOfRangeException(nameof(layer), layer, $"a cache of {Shape.LayerCount} layers");
        if ((uint)kvHead >= (uint)Shape.KvHeadCount)
            throw new ArgumentOutOfRangeException(nameof(kvHead), kvHead, $"a cache of {Shape.KvHeadCount} KV heads");
        if (part is not (KvPart.Keys or KvPart.Values)) throw new ArgumentOutOfRangeException(nameof(part), part, "neither keys nor values");
        ArgumentOutOfRangeException.ThrowIfNegative(firstToken);
        ArgumentOutOfRangeException.ThrowIfNegative(tokenCount);
        var end = (long)firstToken + tokenCount;
        if (end > (long)blockTable.Length * Shape.BlockTokens)
            throw new ArgumentException($"{blockTable.Length} blocks of {Shape.BlockTokens} tokens hold no {end}", nameof(tokenCount));
        if (bytes != tokenCount * (long)Shape.RowBytes(layer, part))
            throw new ArgumentException($"{tokenCount} rows are {tokenCount * (long)Shape.RowBytes(layer, part)} bytes, not {bytes}", nameof(bytes));
        for (var token = firstToken; token < end; token += Shape.BlockTokens - token % Shape.BlockTokens)
            CheckBlock(blockTable[token / Shape.BlockTokens], nameof(blockTable));
    }

    private void CheckBlock(int block, string parameter)
    {
        if ((uint)block >= (uint)Shape.BlockCount)
            throw new ArgumentOutOfRangeException(parameter, block, $"a cache of {Shape.BlockCount} blocks");
    }
}
