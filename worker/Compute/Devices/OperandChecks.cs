using Cluster.Compute.KvCache;

namespace Cluster.Compute.Devices;

/// <summary>What every device asks of an operation's operands, so that nothing is read or written beside them.</summary>
internal static class OperandChecks
{
    /// <exception cref="ArgumentException">The buffer has fewer elements.</exception>
    public static void CheckCount(DeviceBuffer buffer, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (buffer.Count < count) throw new ArgumentException($"a buffer of {buffer.Count} elements where {count} are needed");
    }

    /// <exception cref="ArgumentException">The buffer does not have all the rows.</exception>
    public static void CheckRows(DeviceBuffer buffer, int width, ReadOnlySpan<int> rows)
    {
        foreach (var row in rows)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(row, nameof(rows));
            CheckCount(buffer, (row + 1L) * width);
        }
    }

    /// <summary>The rows of matrices whose products stand side by side.</summary>
    /// <exception cref="ArgumentException">Not all are as wide as the first.</exception>
    public static int SumRows(ReadOnlySpan<Matrix> matrices)
    {
        var rows = 0;
        foreach (var matrix in matrices)
        {
            if (matrix.Columns != matrices[0].Columns)
                throw new ArgumentException($"a matrix of {matrix.Columns} columns beside one of {matrices[0].Columns}", nameof(matrices));
            rows = checked(rows + matrix.Rows);
        }

        return rows;
    }

    /// <exception cref="ArgumentException">More dimensions rotate than heads have.</exception>
    public static void CheckRotation(int pairs, AttentionShape shape)
    {
        if (2 * pairs > shape.HeadDim) throw new ArgumentException($"{2 * pairs} rotary dimensions in heads of {shape.HeadDim}", nameof(shape));
    }

    /// <exception cref="ArgumentException">The columns are not all in the output's rows.</exception>
    public static void CheckColumns(int width, int outputWidth, int outputOffset)
    {
        if (outputOffset < 0 || width > outputWidth - outputOffset)
            throw new ArgumentException($"{width} columns at {outputOffset} of rows of {outputWidth}");
    }

    /// <exception cref="ArgumentException">The cache has no such layer, or other heads.</exception>
    public static void CheckCache(KvCacheShape cache, AttentionShape shape, int layer)
    {
        if ((uint)layer >= (uint)cache.LayerCount) throw new ArgumentOutOfRangeException(nameof(layer), layer, $"a cache of {cache.LayerCount} layers");
        if (cache.HeadDim != shape.HeadDim || cache.KvHeadCount != shape.KvHeadCount || shape.HeadCount % shape.KvHeadCount != 0)
            throw new ArgumentException($"{shape} does not fit a cache of {cache.KvHeadCount} KV heads of {cache.HeadDim}");
    }
}
