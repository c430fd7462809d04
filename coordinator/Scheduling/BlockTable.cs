using System.Runtime.InteropServices;

namespace Cluster.Coordinator.Scheduling;

/// <summary>Indices of the cache blocks that hold positions 0, BlockTokens, 2 × BlockTokens … Changed by <see cref="BlockManager"/> only.</summary>
internal sealed class BlockTable
{
    private readonly List<int> _blocks = [];

    public int Count => _blocks.Count;

    /// <summary>Valid until the table is changed.</summary>
    public ReadOnlySpan<int> Blocks => CollectionsMarshal.AsSpan(_blocks);

    /// <summary>Blocks at the beginning that others can find by their tokens.</summary>
    public int PublishedCount { get; internal set; }

    public int this[int index]
    {
        get => _blocks[index];
        internal set => _blocks[index] = value;
    }

    internal void Add(int block) => _blocks.Add(block);

    internal void Clear()
    {
        _blocks.Clear();
        PublishedCount = 0;
    }
}
