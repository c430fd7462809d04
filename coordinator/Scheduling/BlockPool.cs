namespace Cluster.Coordinator.Scheduling;

/// <summary>
/// Counts the owners of each block. A block is free, idle (nobody's, but listed: its content can be found by its tokens) or in use.
/// Free blocks are lent first; then the one that has been idle for longest is taken off the list.
/// </summary>
internal sealed class BlockPool
{
    private readonly int[] _free;
    private readonly int[] _owners;
    private readonly IdleBlocks _idle;
    private readonly PrefixIndex? _index;

    /// <param name="blockCount">Blocks, all free.</param>
    /// <param name="index">The list of blocks by their tokens; null when there is none.</param>
    public BlockPool(int blockCount, PrefixIndex? index)
    {
        _free = new int[blockCount];
        _owners = new int[blockCount];
        _idle = new IdleBlocks(blockCount);
        _index = index;

        // The lowest index is lent first, so that a short conversation touches only the first pages of the cache.
        for (var i = 0; i < blockCount; i++) _free[i] = blockCount - 1 - i;
        FreeCount = blockCount;
    }

    public int FreeCount { get; private set; }

    public int IdleCount => _idle.Count;

    /// <summary>Listed blocks that were taken for other tokens, since the start.</summary>
    public long EvictionCount { get; private set; }

    /// <summary>Rises with every change.</summary>
    public long ChangeCount { get; private set; }

    /// <summary>Whether writing into the block would change what somebody else reads, or is to find.</summary>
    public bool IsShared(int block) => _owners[block] > 1 || IsListed(block);

    /// <summary>Lends a block to one owner. There is a free or idle one.</summary>
    public int Take()
    {
        ChangeCount++;
        int block;
        if (FreeCount > 0)
        {
            block = _free[--FreeCount];
        }
        else
        {
            block = _idle.TakeOldest();
            _index!.Remove(block);
            EvictionCount++;
        }

        _owners[block] = 1;
        return block;
    }

    /// <summary>Adds an owner to a block that is idle or in use.</summary>
    public void Retain(int block)
    {
        ChangeCount++;
        if (_owners[block]++ == 0) _idle.Remove(block);
    }

    /// <summary>Takes an owner from a block.</summary>
    /// <exception cref="InvalidOperationException">It has none: a bug.</exception>
    public void Drop(int block)
    {
        if (_owners[block] == 0) throw new InvalidOperationException($"Cache block {block} is released twice.");

        ChangeCount++;
        if (--_owners[block] > 0) return;
        if (IsListed(block)) _idle.Add(block);
        else _free[FreeCount++] = block;
    }

    /// <summary>Takes an idle block off the list; one in use stays.</summary>
    public bool TryFree(int block)
    {
        if (!_idle.Contains(block)) return false;

        ChangeCount++;
        _idle.Remove(block);
        _index!.Remove(block);
        _free[FreeCount++] = block;
        return true;
    }

    private bool IsListed(int block) => _index is not null && _index.Contains(block);
}
