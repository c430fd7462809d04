namespace Cluster.Coordinator.Scheduling;

/// <summary>
/// Lends the blocks of the KV cache. All ranks hold the same blocks under the same indices, each for its own layers and heads, so one
/// list serves the cluster. A block is either free or in exactly one sequence's table.
/// </summary>
internal sealed class BlockManager
{
    private readonly int[] _free;
    private readonly bool[] _isLent;

    public BlockManager(int blockCount, int blockTokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockTokens);

        BlockTokens = blockTokens;
        _free = new int[blockCount];
        _isLent = new bool[blockCount];

        // The lowest index is lent first, so that a short conversation touches only the first pages of the cache.
        for (var i = 0; i < blockCount; i++) _free[i] = blockCount - 1 - i;
        FreeCount = blockCount;
    }

    public int BlockTokens { get; }

    public int BlockCount => _free.Length;

    public int FreeCount { get; private set; }

    /// <summary>Tokens that the whole cache holds.</summary>
    public long CapacityTokens => (long)BlockCount * BlockTokens;

    public int BlocksFor(int tokens) => (tokens + BlockTokens - 1) / BlockTokens;

    /// <summary>Extends the table to hold <paramref name="tokens"/> tokens, or leaves it as it is and returns false.</summary>
    public bool TryGrow(List<int> table, int tokens)
    {
        var missing = BlocksFor(tokens) - table.Count;
        if (missing > FreeCount) return false;

        for (; missing > 0; missing--)
        {
            var block = _free[--FreeCount];
            _isLent[block] = true;
            table.Add(block);
        }

        return true;
    }

    /// <summary>Takes all blocks of the table back.</summary>
    /// <exception cref="InvalidOperationException">The table names a block that is not lent: a bug, two owners.</exception>
    public void Release(List<int> table)
    {
        // Last block first, so that the next borrower gets the lowest index again.
        for (var i = table.Count - 1; i >= 0; i--)
        {
            var block = table[i];
            if (!_isLent[block]) throw new InvalidOperationException($"Cache block {block} is released twice.");

            _isLent[block] = false;
            _free[FreeCount++] = block;
        }

        table.Clear();
    }
}
