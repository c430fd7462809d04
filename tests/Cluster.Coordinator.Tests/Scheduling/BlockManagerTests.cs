using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Tests.Scheduling;

public sealed class BlockManagerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(23)]
    public void Every_block_is_free_or_in_one_table(int seed)
    {
        var random = new Random(seed);
        var manager = new BlockManager(blockCount: 37, blockTokens: 32);
        var tables = Enumerable.Range(0, 6).Select(_ => new List<int>()).ToArray();
        var lengths = new int[tables.Length];

        for (var round = 0; round < 5_000; round++)
        {
            var i = random.Next(tables.Length);
            if (random.Next(4) == 0)
            {
                manager.Release(tables[i]);
                lengths[i] = 0;
            }
            else
            {
                var wanted = lengths[i] + random.Next(1, 200);
                var free = manager.FreeCount;
                var needed = manager.BlocksFor(wanted) - tables[i].Count;
                if (manager.TryGrow(tables[i], wanted)) lengths[i] = wanted;
                else Assert.Equal(free, manager.FreeCount);

                Assert.Equal(needed <= free, lengths[i] == wanted);
            }

            var lent = tables.SelectMany(table => table).ToArray();
            Assert.Equal(lent.Length, lent.Distinct().Count());
            Assert.Equal(manager.BlockCount, lent.Length + manager.FreeCount);
            Assert.All(tables.Zip(lengths), pair => Assert.Equal(manager.BlocksFor(pair.Second), pair.First.Count));
        }
    }

    [Fact]
    public void Releasing_twice_is_a_bug()
    {
        var manager = new BlockManager(4, 32);
        List<int> table = [];
        Assert.True(manager.TryGrow(table, 33));
        List<int> copy = [.. table];
        manager.Release(table);

        Assert.Throws<InvalidOperationException>(() => manager.Release(copy));
    }

    [Fact]
    public void Growing_to_what_is_held_takes_nothing()
    {
        var manager = new BlockManager(4, 32);
        List<int> table = [];
        Assert.True(manager.TryGrow(table, 40));
        Assert.True(manager.TryGrow(table, 64));
        Assert.True(manager.TryGrow(table, 1));

        Assert.Equal(2, table.Count);
        Assert.Equal(2, manager.FreeCount);
    }
}
