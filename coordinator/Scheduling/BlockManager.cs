namespace Cluster.Coordinator.Scheduling;

/// <summary>
/// Lends the blocks of the KV cache. All ranks hold the same blocks under the same indices, each for its own layers and heads, so one
/// list serves the cluster. Blocks that are full and computed are published: found again by their tokens and shared, by others and by a
/// sequence that lost its own.
/// <para>
/// A table that holds a published block holds all that come before it, and gives its last block back first. So an idle block's
/// successors are idle for longer than itself, and evicting the oldest never leaves a block whose prefix is gone.
/// </para>
/// </summary>
internal sealed class BlockManager
{
    private readonly BlockPool _pool;
    private readonly PrefixIndex? _index;
    private long _lookups;
    private long _lookupTokens;
    private long _hitTokens;
    private (long Changes, CacheSnapshot Value)? _snapshot;

    /// <param name="blockCount">Blocks on each rank.</param>
    /// <param name="blockTokens">Tokens of a block.</param>
    /// <param name="prefixCache">Whether blocks are found again by their tokens.</param>
    public BlockManager(int blockCount, int blockTokens, bool prefixCache = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockTokens);

        BlockCount = blockCount;
        BlockTokens = blockTokens;
        if (prefixCache) _index = new PrefixIndex(blockCount, blockTokens);
        _pool = new BlockPool(blockCount, _index);
    }

    public int BlockTokens { get; }

    public int BlockCount { get; }

    /// <summary>Blocks that can be lent: free ones, and idle ones that are evicted for it.</summary>
    public int AvailableCount => _pool.FreeCount + _pool.IdleCount;

    /// <summary>Tokens that the whole cache holds.</summary>
    public long CapacityTokens => (long)BlockCount * BlockTokens;

    /// <summary>How things stand; the same object until something changes.</summary>
    public CacheSnapshot Snapshot
    {
        get
        {
            if (_snapshot is { } last && last.Changes == _pool.ChangeCount) return last.Value;

            var current = new CacheSnapshot
            {
                BlockTokens = BlockTokens,
                BlockCount = BlockCount,
                FreeBlocks = _pool.FreeCount,
                CachedBlocks = _pool.IdleCount,
                Evictions = _pool.EvictionCount,
                Lookups = _lookups,
                LookupTokens = _lookupTokens,
                HitTokens = _hitTokens,
            };
            _snapshot = (_pool.ChangeCount, current);
            return current;
        }
    }

    public int BlocksFor(int tokens) => (tokens + BlockTokens - 1) / BlockTokens;

    /// <summary>Adds to an empty table the published blocks that hold the longest prefix of the tokens; whole blocks only.</summary>
    /// <returns>Tokens that they hold: their keys and values are in the cache. The blocks may be read, not written.</returns>
    public int FindCached(BlockTable table, ReadOnlySpan<int> tokens)
    {
        RequireEmpty(table);
        if (_index is null) return 0;

        var parent = PrefixIndex.Root;
        for (var start = 0; start + BlockTokens <= tokens.Length; start += BlockTokens)
        {
            if (_index.Find(parent, tokens.Slice(start, BlockTokens)) is not { } block) break;
            _pool.Retain(block);
            table.Add(block);
            parent = block;
        }

        table.PublishedCount = table.Count;
        return table.Count * BlockTokens;
    }

    /// <summary>Tokens of the longest prefix that published blocks hold; they are not lent, nor kept for longer by the question.</summary>
    public int CountCached(ReadOnlySpan<int> tokens)
    {
        var start = 0;
        for (var parent = PrefixIndex.Root; start + BlockTokens <= tokens.Length; start += BlockTokens)
        {
            if (_index?.Find(parent, tokens.Slice(start, BlockTokens)) is not { } block) break;
            parent = block;
        }

        return start;
    }

    /// <summary>Forgets the idle blocks at the end of the longest cached prefix; those that others use, or that others follow, stay.</summary>
    /// <returns>Tokens that were forgotten.</returns>
    public int Forget(ReadOnlySpan<int> tokens)
    {
        if (_index is null) return 0;

        var table = new BlockTable();
        var cached = FindCached(table, tokens);
        var prefix = table.Blocks.ToArray();
        Release(table);
        var kept = prefix.Length;
        while (kept > 0 && !_index.HasSuccessor(prefix[kept - 1]) && _pool.TryFree(prefix[kept - 1])) kept--;
        return cached - kept * BlockTokens;
    }

    /// <summary>
    /// Fills an empty table with blocks for all tokens: published ones for the longest cached prefix, then fresh ones. Leaves it
    /// empty when there are too few.
    /// </summary>
    /// <param name="table">The table; whoever fills the fresh blocks then calls <see cref="Publish"/>.</param>
    /// <param name="tokens">What the blocks hold or are to hold.</param>
    /// <param name="reusable">Tokens at the beginning that may come from the cache.</param>
    /// <param name="spare">Blocks that must be left to others.</param>
    /// <param name="cached">Tokens that are in the cache already.</param>
    public bool TryLease(BlockTable table, ReadOnlySpan<int> tokens, int reusable, int spare, out int cached)
    {
        cached = FindCached(table, tokens[..reusable]);
        var missing = BlocksFor(tokens.Length) - table.Count;
        if (missing + spare > AvailableCount)
        {
            Release(table);
            cached = 0;
            return false;
        }

        for (; missing > 0; missing--) table.Add(_pool.Take());
        if (_index is null) return true;

        _lookups++;
        _lookupTokens += reusable;
        _hitTokens += cached;
        return true;
    }

    /// <summary>
    /// Extends the table to hold <paramref name="tokens"/> tokens and makes the blocks from position <paramref name="written"/> on its own,
    /// or leaves it as it is and returns false.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="written">Tokens whose keys and values are in its blocks; those after them are about to be.</param>
    /// <param name="tokens">Tokens that it is to hold.</param>
    /// <param name="copies">Receives what the ranks have to copy before they write.</param>
    public bool TryGrow(BlockTable table, int written, int tokens, List<BlockCopy> copies)
    {
        var first = written / BlockTokens;
        var needed = Math.Max(0, BlocksFor(tokens) - table.Count);
        for (var i = first; i < table.Count; i++) needed += _pool.IsShared(table[i]) ? 1 : 0;
        if (needed == 0) return true;
        if (needed > AvailableCount) return false;

        for (var i = first; i < table.Count; i++)
        {
            var block = table[i];
            if (!_pool.IsShared(block)) continue;

            table[i] = _pool.Take();
            table.PublishedCount = Math.Min(table.PublishedCount, i);
            if (i * BlockTokens < written) copies.Add(new BlockCopy(block, table[i]));
            _pool.Drop(block);
        }

        while (table.Count < BlocksFor(tokens)) table.Add(_pool.Take());
        return true;
    }

    /// <summary>Lets an empty table share all blocks of another; whoever writes into one of them first gets a copy.</summary>
    public void Fork(BlockTable source, BlockTable target)
    {
        RequireEmpty(target);
        foreach (var block in source.Blocks)
        {
            _pool.Retain(block);
            target.Add(block);
        }

        target.PublishedCount = source.PublishedCount;
    }

    /// <summary>
    /// Makes the table's full blocks findable. One whose tokens another block holds already is given back for that one.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="tokens">The tokens whose keys and values are in its blocks.</param>
    public void Publish(BlockTable table, ReadOnlySpan<int> tokens)
    {
        if (_index is null) return;

        for (var i = table.PublishedCount; i < tokens.Length / BlockTokens; i++)
        {
            var parent = i == 0 ? PrefixIndex.Root : table[i - 1];
            var content = tokens.Slice(i * BlockTokens, BlockTokens);
            if (_index.Find(parent, content) is { } known)
            {
                _pool.Retain(known);
                _pool.Drop(table[i]);
                table[i] = known;
            }
            else if (!_index.TryAdd(table[i], parent, content))
            {
                return;
            }

            table.PublishedCount = i + 1;
        }
    }

    /// <summary>Takes all blocks of the table back. Published ones stay idle until their memory is needed.</summary>
    /// <exception cref="InvalidOperationException">The table names a block that is not lent: a bug, two owners.</exception>
    public void Release(BlockTable table)
    {
        // Last block first: see above; also, the next borrower gets the lowest index again.
        for (var i = table.Count - 1; i >= 0; i--) _pool.Drop(table[i]);
        table.Clear();
    }

    private static void RequireEmpty(BlockTable table)
    {
        if (table.Count > 0) throw new ArgumentException("The table holds blocks already.", nameof(table));
    }
}
