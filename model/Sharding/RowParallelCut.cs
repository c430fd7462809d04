namespace Cluster.Model.Sharding;

/// <summary>
/// A rank's part of a weight matrix whose inputs are split: all rows, some columns. Every rank's product is a partial sum that an
/// all-reduce completes; a bias is added by tensor rank 0 alone.
/// </summary>
/// <remarks>
/// A quantized row can be cut only between blocks. Where <see cref="Owned"/> begins or ends inside a block, the ranks on both sides keep
/// the whole block, and each feeds zeros for the columns that it does not own: exact, nothing is quantized again.
/// </remarks>
/// <param name="Owned">Columns whose inputs this rank computes; the ranks' owned columns partition the tensor's.</param>
/// <param name="Kept">Columns of the weights that the rank holds: <paramref name="Owned"/> widened to whole blocks.</param>
public readonly record struct RowParallelCut(IndexRange Owned, IndexRange Kept)
{
    /// <summary>Where the first owned input stands in the rank's input row; zeros stand before it.</summary>
    public int InputOffset => Owned.Start - Kept.Start;

    /// <summary>Width of the rank's input row, zeros on both sides included.</summary>
    public int InputWidth => Kept.Count;

    /// <summary>Widens <paramref name="owned"/> to whole blocks of a tensor whose rows are <paramref name="columns"/> wide.</summary>
    /// <exception cref="ArgumentException">The range is not inside the row, or the row is not a whole number of blocks.</exception>
    public static RowParallelCut Align(IndexRange owned, int blockSize, int columns)
    {
        if (columns % blockSize != 0) throw new ArgumentException($"A row of {columns} columns is not a whole number of blocks of {blockSize}.");
        if (!new IndexRange(0, columns).Contains(owned)) throw new ArgumentException($"Columns {owned} are not inside a row of {columns}.");
        int start = owned.Start / blockSize * blockSize;
        int end = (owned.End + blockSize - 1) / blockSize * blockSize;
        return new RowParallelCut(owned, owned.IsEmpty ? owned : new IndexRange(start, end));
    }
}
