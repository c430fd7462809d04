using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Tests.Scheduling;

public sealed class BlockManagerTests
{
    private readonly BlockManager _blocks = new(blockCount: 6, blockTokens: 4);

    [Fact]
    public void Releasing_twice_is_a_bug()
    {
        BlockTable table = new(), copy = new();
        Assert.True(_blocks.TryGrow(table, 0, 9, []));
        foreach (var block in table.Blocks) copy.Add(block);
        _blocks.Release(table);

        Assert.Throws<InvalidOperationException>(() => _blocks.Release(copy));
    }

    [Fact]
    public void Growing_to_what_is_held_takes_nothing()
    {
        var table = new BlockTable();
        Assert.True(_blocks.TryGrow(table, 0, 5, []));
        Assert.True(_blocks.TryGrow(table, 5, 8, []));
        Assert.True(_blocks.TryGrow(table, 5, 1, []));

        Assert.Equal((2, 4), (table.Count, _blocks.AvailableCount));
    }

    [Fact]
    public void Full_blocks_are_found_again_and_the_last_token_is_left_to_compute()
    {
        var first = Cache([1, 2, 3, 4, 5, 6, 7, 8, 9]);

        Assert.Equal(8, Lease([1, 2, 3, 4, 5, 6, 7, 8, 10], out var second));
        Assert.Equal(first[..2], second.Blocks[..2].ToArray());
        Assert.Equal(4, Lease([1, 2, 3, 4, 5, 6, 7, 8], out _));
        Assert.Equal(0, Lease([2, 2, 3, 4, 5], out _));
        Assert.Equal((4, 8 + 7 + 8 + 4, 12), (_blocks.Snapshot.Lookups, _blocks.Snapshot.LookupTokens, _blocks.Snapshot.HitTokens));
    }

    [Theory]
    [InlineData(3, "1 2 3")]
    [InlineData(4, "1 3")]
    [InlineData(5, "1")]
    [InlineData(6, "")]
    public void Least_recently_used_is_evicted_and_successors_before_their_prefix(int taken, string cached)
    {
        Cache([1, 1, 1, 1, 2, 2, 2, 2]);
        Cache([3, 3, 3, 3]);
        Cache([1, 1, 1, 1]); // used again: now 2222 is the oldest, then 3333, then 1111
        Assert.Equal((3, 3), (_blocks.Snapshot.FreeBlocks, _blocks.Snapshot.CachedBlocks));

        Assert.True(_blocks.TryGrow(new BlockTable(), 0, taken * 4, []));

        Assert.Equal(taken - 3, _blocks.Snapshot.Evictions);
        Assert.Equal(cached, string.Join(' ', new[] { 1, 2, 3 }.Where(token =>
        {
            int[] tokens = token == 2 ? [1, 1, 1, 1, 2, 2, 2, 2] : [token, token, token, token];
            return _blocks.FindCached(new BlockTable(), tokens) == tokens.Length;
        })));
    }

    [Fact]
    public void What_is_forgotten_is_free_unless_it_is_used_or_leads_to_others()
    {
        Cache([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        Cache([1, 2, 3, 4, 25, 26, 27, 28]);
        var reader = new BlockTable();
        Assert.Equal(8, _blocks.FindCached(reader, [1, 2, 3, 4, 5, 6, 7, 8]));
        Assert.Equal(12, _blocks.CountCached([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]));

        Assert.Equal(4, _blocks.Forget([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
        Assert.Equal(8, _blocks.CountCached([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
        _blocks.Release(reader);
        Assert.Equal(4, _blocks.Forget([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
        Assert.Equal(8, _blocks.Forget([1, 2, 3, 4, 25, 26, 27, 28]));

        Assert.Equal((6, 0), (_blocks.Snapshot.FreeBlocks, _blocks.Snapshot.CachedBlocks));
    }

    [Fact]
    public void Two_who_computed_the_same_end_up_with_one_block()
    {
        Lease([1, 2, 3, 4, 5], out var first);
        Lease([1, 2, 3, 4, 6], out var second);
        Assert.Equal(2, _blocks.AvailableCount);

        _blocks.Publish(first, [1, 2, 3, 4]);
        _blocks.Publish(second, [1, 2, 3, 4]);

        Assert.Equal(first[0], second[0]);
        Assert.Equal(3, _blocks.AvailableCount);
    }

    [Fact]
    public void Fork_is_copied_where_it_is_written_to_by_all_but_the_last()
    {
        Lease([1, 2, 3, 4, 5, 6], out var source);
        _blocks.Publish(source, [1, 2, 3, 4]);
        var fork = new BlockTable();
        _blocks.Fork(source, fork);
        Assert.Equal(source.Blocks, fork.Blocks);
        var shared = source[1];

        List<BlockCopy> copies = [];
        Assert.True(_blocks.TryGrow(fork, 6, 7, copies));
        Assert.Equal([new BlockCopy(shared, fork[1])], copies);
        Assert.True(_blocks.TryGrow(source, 6, 7, copies));

        Assert.Single(copies);
        Assert.Equal(shared, source[1]);
        Assert.Equal(source[0], fork[0]);
    }

    [Fact]
    public void Nothing_is_found_when_the_prefix_cache_is_off()
    {
        var blocks = new BlockManager(4, 4, prefixCache: false);
        var table = new BlockTable();
        Assert.True(blocks.TryLease(table, [1, 2, 3, 4, 5], 4, 0, out _));
        blocks.Publish(table, [1, 2, 3, 4]);
        blocks.Release(table);

        Assert.Equal(0, blocks.FindCached(table, [1, 2, 3, 4]));
        Assert.Equal((4, 0), (blocks.Snapshot.FreeBlocks, blocks.Snapshot.Lookups));
    }

    private int[] Cache(int[] tokens)
    {
        Lease(tokens, out var table);
        _blocks.Publish(table, tokens);
        var blocks = table.Blocks.ToArray();
        _blocks.Release(table);
        return blocks;
    }

    private int Lease(int[] tokens, out BlockTable table)
    {
        table = new BlockTable();
        Assert.True(_blocks.TryLease(table, tokens, tokens.Length - 1, 0, out var cached));
        return cached;
    }
}
