namespace Cluster.Coordinator.Scheduling;

/// <summary>
/// Blocks that nobody owns but whose content may be wanted again, by when they were last owned. A list through arrays: adding, removing
/// and taking the oldest cost the same however many there are.
/// </summary>
internal sealed class IdleBlocks
{
    private const int Nowhere = -1;

    // One entry more than blocks: the last closes the ring; after it comes the oldest, before it the newest.
    private readonly int[] _next;
    private readonly int[] _previous;

    public IdleBlocks(int blockCount)
    {
        _next = new int[blockCount + 1];
        _previous = new int[blockCount + 1];
        Array.Fill(_next, Nowhere);
        _next[blockCount] = _previous[blockCount] = blockCount;
    }

    public int Count { get; private set; }

    private int Ring => _next.Length - 1;

    public bool Contains(int block) => _next[block] != Nowhere;

    /// <summary>Adds it as the newest.</summary>
    public void Add(int block)
    {
        var newest = _previous[Ring];
        (_previous[block], _next[block]) = (newest, Ring);
        _next[newest] = _previous[Ring] = block;
        Count++;
    }

    public void Remove(int block)
    {
        _next[_previous[block]] = _next[block];
        _previous[_next[block]] = _previous[block];
        _next[block] = Nowhere;
        Count--;
    }

    /// <summary>Removes the oldest. There is one.</summary>
    public int TakeOldest()
    {
        var oldest = _next[Ring];
        Remove(oldest);
        return oldest;
    }
}
