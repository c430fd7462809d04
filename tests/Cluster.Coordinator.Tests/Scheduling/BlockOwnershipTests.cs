using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Tests.Scheduling;

/// <summary>Random operations against a memory that knows what each block must hold.</summary>
public sealed class BlockOwnershipTests
{
    private const int BlockTokens = 4;

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public void No_block_leaks_or_is_written_by_two_or_found_for_other_tokens(int seed, bool prefixCache)
    {
        var run = new Run(new Random(seed), new BlockManager(blockCount: 47, BlockTokens, prefixCache));
        for (var i = 0; i < 25_000; i++) run.Step();
        run.ReleaseAll();

        var end = run.Blocks.Snapshot;
        Assert.Equal((0, run.Blocks.BlockCount), (end.UsedBlocks, run.Blocks.AvailableCount));
        Assert.True(run.Refusals > 50 && run.Forks > 1_000 && run.CopiedBlocks > 500, $"{run.Refusals} refusals, {run.Forks} forks, {run.CopiedBlocks} copies");
        Assert.Equal(prefixCache, end.HitTokens > 10_000 && end.Evictions > 1_000);
    }

    private sealed class Run(Random random, BlockManager blocks)
    {
        private readonly CacheMemory _memory = new(blocks);
        private readonly List<Text> _texts = [];
        private readonly List<BlockCopy> _copies = [];

        public BlockManager Blocks => blocks;

        public int Refusals { get; private set; }

        public int Forks { get; private set; }

        public int CopiedBlocks { get; private set; }

        public void Step()
        {
            var text = _texts.Count > 0 ? _texts[random.Next(_texts.Count)] : null;
            switch (random.Next(100))
            {
                case < 15 or _ when text is null:
                    Admit(NewTokens());
                    break;
                case < 65:
                    Write(text);
                    break;
                case < 75:
                    Fork(text);
                    break;
                case < 86:
                    End(text);
                    break;
                case < 91:
                    Preempt(text);
                    break;
                case < 95:
                    Restore(NewTokens());
                    break;
                case < 99:
                    Read(NewTokens());
                    break;
                case 99 when random.Next(20) == 0:
                    ReleaseAll();
                    break;
            }

            CheckAll();
        }

        public void ReleaseAll()
        {
            while (_texts.Count > 0) End(_texts[^1]);
        }

        /// <summary>Texts begin alike: a token is one of two, and mostly the same.</summary>
        private List<int> NewTokens() => [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(9) == 0 ? 1 : 0)];

        private void Admit(List<int> tokens)
        {
            var text = new Text(tokens);
            if (!blocks.TryLease(text.Table, text.Span, tokens.Count - 1, random.Next(3), out var cached))
            {
                Assert.Equal((0, 0), (text.Table.Count, cached));
                Refusals++;
                return;
            }

            Assert.Equal(0, cached % BlockTokens);
            Assert.True(cached < tokens.Count);
            text.Cached = cached;
            _texts.Add(text);
        }

        /// <summary>Takes in what is pending, or another token.</summary>
        private void Write(Text text)
        {
            if (text.Cached == text.Tokens.Count) text.Tokens.Add(random.Next(2));
            var available = blocks.AvailableCount;
            var before = text.Table.Blocks.ToArray();
            _copies.Clear();
            if (!blocks.TryGrow(text.Table, text.Cached, text.Tokens.Count, _copies))
            {
                Assert.Equal(available, blocks.AvailableCount);
                Assert.Equal(before, text.Table.Blocks.ToArray());
                Refusals++;
                return;
            }

            CopiedBlocks += _copies.Count;
            _memory.Copy(_copies);
            var end = random.Next(text.Cached, text.Tokens.Count) + 1;
            _memory.Write(text.Table, text.Span[..end], text.Cached);
            text.Cached = end;
            blocks.Publish(text.Table, text.Span[..end]);
        }

        private void Fork(Text text)
        {
            var fork = new Text([.. text.Tokens]) { Cached = text.Cached };
            blocks.Fork(text.Table, fork.Table);
            _texts.Add(fork);
            Forks++;
        }

        private void End(Text text)
        {
            blocks.Release(text.Table);
            _texts.Remove(text);
        }

        private void Preempt(Text text)
        {
            End(text);
            Admit(text.Tokens);
        }

        private void Restore(List<int> tokens)
        {
            var table = new BlockTable();
            var whole = tokens[..(tokens.Count / BlockTokens * BlockTokens)].ToArray();
            if (!blocks.TryLease(table, whole, whole.Length, 0, out var cached)) return;

            _memory.Write(table, whole, cached);
            blocks.Publish(table, whole);
            blocks.Release(table);
            Read([.. whole]);
        }

        private void Read(List<int> tokens)
        {
            var table = new BlockTable();
            var found = blocks.FindCached(table, tokens.ToArray());
            _memory.Check(table, tokens.ToArray().AsSpan(0, found));
            blocks.Release(table);
        }

        private void CheckAll()
        {
            foreach (var text in _texts) _memory.Check(text.Table, text.Span[..text.Cached]);

            var used = _texts.SelectMany(text => text.Table.Blocks.ToArray()).Distinct().Count();
            var snapshot = blocks.Snapshot;
            Assert.Equal(used, snapshot.UsedBlocks);
            Assert.Equal(blocks.BlockCount - used, blocks.AvailableCount);
            Assert.All(_texts, text => Assert.True(text.Table.Count * BlockTokens >= text.Cached));
        }
    }

    private sealed class Text(List<int> tokens)
    {
        public List<int> Tokens { get; } = tokens;

        public ReadOnlySpan<int> Span => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(Tokens);

        public BlockTable Table { get; } = new();

        public int Cached { get; set; }
    }
}
