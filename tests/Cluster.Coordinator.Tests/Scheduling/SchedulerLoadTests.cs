using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Tests.Scheduling;

/// <summary>A scheduler under a random load, with a memory that knows what each block must hold in the engine's place.</summary>
public sealed class SchedulerLoadTests
{
    private const int BlockTokens = 4;

    [Theory]
    [InlineData(3, true, 1, 1)]
    [InlineData(11, true, 1, 1)]
    [InlineData(42, true, 5, 1)]
    [InlineData(43, true, 2, 1)]
    [InlineData(1234, false, 3, 1)]
    [InlineData(5, true, 1, 2)]
    [InlineData(6, true, 3, 3)]
    [InlineData(7, false, 2, 4)]
    [InlineData(12, true, 1, 1, true)]
    [InlineData(13, true, 3, 1, true)]
    [InlineData(14, false, 2, 1, true)]
    public void Every_sequence_ends_and_every_block_holds_what_its_reader_wrote(int seed, bool prefixCache, int tenants, int depth, bool foresight = false)
    {
        var load = new Load(new Random(seed), prefixCache, tenants, depth, foresight);

        // Nothing goes ahead as long as others wait for a place.
        for (var round = 0; round < 25_000; round++) load.Round(arrivals: !foresight || round % 60 < 20);
        for (var round = 0; load.Count > 0; round++)
        {
            Assert.True(round < 5_000, "sequences do not end");
            load.Round(arrivals: false);
        }

        load.AssertNothingLeaks();
        Assert.True(load.Preemptions > 100 && load.Forks > 50 / depth, $"{load.Preemptions} preemptions, {load.Forks} forks");
        Assert.True(load.Overlaps >= (foresight ? 150 : depth > 1 ? 1000 : 0), $"steps overlapped {load.Overlaps} times");
    }

    private sealed class Load
    {
        private readonly Random _random;
        private readonly BlockManager _blocks;
        private readonly SchedulerOptions _options;
        private readonly Scheduler _scheduler;
        private readonly CacheMemory _memory;
        private readonly int _tenants;
        private readonly int _depth;
        private readonly bool _foresight;
        private readonly Queue<Step> _underWay = [];
        private readonly Dictionary<Sequence, int> _live = []; // the length at which each ends

        public Load(Random random, bool prefixCache, int tenants, int depth, bool foresight)
        {
            _random = random;
            _depth = depth;
            _foresight = foresight;
            _tenants = tenants;
            _blocks = new BlockManager(random.Next(14, 24), BlockTokens, prefixCache);
            _options = new SchedulerOptions { PrefillChunk = random.Next(1, 24), MaxSequences = random.Next(3, 8) };
            _scheduler = new Scheduler(_options, _blocks, depth, foresight ? new Foresight() : null);
            _memory = new CacheMemory(_blocks);
        }

        public int Count => _live.Count;

        public long Preemptions => _scheduler.PreemptionCount;

        public int Forks { get; private set; }

        /// <summary>Steps that were chosen while others were under way.</summary>
        public int Overlaps { get; private set; }

        public void Round(bool arrivals)
        {
            if (arrivals && _live.Count < 12 && _random.Next(2) == 0) Add(NewTokens(_random.Next(1, 40)));
            if (arrivals && _live.Count is > 0 and < 12 && _random.Next(2) == 0) Fork(Any());
            foreach (var sequence in _live.Keys) sequence.IsPaused = sequence.IsPaused ? _random.Next(4) != 0 : _random.Next(12) == 0;
            if (_live.Count > 0 && _random.Next(25) == 0) Remove(Any());
            if (_random.Next(20) == 0) Restore(NewTokens(_random.Next(1, 10) * BlockTokens));

            while (_underWay.Count < _depth + (_foresight ? 1 : 0) && Choose())
            {
            }

            if (_random.Next(500) == 0)
            {
                // A step failed: everything ends without those under way.
                foreach (var sequence in _live.Keys.ToArray()) Remove(sequence);
                for (; _underWay.Count > 0; _underWay.Dequeue()) _scheduler.Complete(TimeSpan.Zero);
                AssertNothingLeaks();
                return;
            }

            if (_underWay.Count > 0) ExecuteOldest();
            var used = _live.Keys.SelectMany(sequence => sequence.Blocks.Blocks.ToArray()).Distinct().Count();
            Assert.Equal((used, _blocks.BlockCount - used), (_blocks.Snapshot.UsedBlocks, _blocks.AvailableCount));
        }

        public void AssertNothingLeaks() =>
            Assert.Equal((0, 0, 0), (_blocks.Snapshot.UsedBlocks, _scheduler.RunningCount, _scheduler.WaitingCount));

        private int[] NewTokens(int length) => [.. Enumerable.Range(0, length).Select(_ => _random.Next(9) == 0 ? 1 : 0)];

        private Text NewSequence(ReadOnlySpan<int> tokens)
        {
            var tenant = _random.Next(_tenants);
            return new Text(tokens, isForeseeable: _random.Next(10) != 0) { Tenant = new Tenant($"{tenant}", (Priority)(tenant % 3)) };
        }

        private Sequence Any() => _live.Keys.ElementAt(_random.Next(_live.Count));

        private void Add(int[] tokens)
        {
            var sequence = NewSequence(tokens);
            _live[sequence] = tokens.Length + _random.Next(1, 48 - Math.Min(tokens.Length, 46));
            _scheduler.Add(sequence);
        }

        private void Fork(Sequence source)
        {
            var fork = NewSequence(source.Tokens);
            _live[fork] = _live[source] + 1;
            _scheduler.Fork(source, fork);
            if (fork.State == SequenceState.Running) Forks++;
        }

        private void Remove(Sequence sequence)
        {
            _scheduler.Remove(sequence);
            _live.Remove(sequence);
        }

        private void Restore(int[] tokens)
        {
            while (_underWay.Count > 0) ExecuteOldest();
            var table = new BlockTable();
            if (!_blocks.TryLease(table, tokens, tokens.Length, 0, out var cached)) return;

            _memory.Write(table, tokens, cached);
            _blocks.Publish(table, tokens);
            _blocks.Release(table);
        }

        private bool Choose()
        {
            var batch = _scheduler.Next();
            CheckBatch(batch);
            if (batch.IsEmpty) return false;
            Overlaps += _underWay.Count > 0 ? 1 : 0;
            _underWay.Enqueue(new Step(batch));
            return true;
        }

        private void ExecuteOldest()
        {
            var step = _underWay.Dequeue();
            step.Execute(_memory);
            _scheduler.Complete(TimeSpan.Zero);
            foreach (var part in step.Batch.Sequences.Where(part => _live.ContainsKey(part.Sequence) && part.ReachesEnd).ToArray())
            {
                part.Sequence.Append(_random.Next(2));
                if (part.Sequence.Length >= _live[part.Sequence]) Remove(part.Sequence);
            }
        }

        private void CheckBatch(ScheduledBatch batch)
        {
            Assert.True(batch.TokenCount <= _options.MaxStepTokens);
            Assert.Equal(batch.TokenCount, batch.Sequences.Sum(part => part.Count));
            Assert.Equal(batch.Sequences.Count, batch.Sequences.DistinctBy(part => part.Sequence).Count());
            Assert.All(batch.Sequences, part =>
            {
                Assert.False(part.Sequence.IsPaused);
                Assert.Equal(part.Sequence.ScheduledLength, part.End);
                Assert.InRange(part.End, part.Start + 1, part.Sequence.Length + (_underWay.Count == _depth ? 1 : 0));
                Assert.True(_underWay.Count > 0 || part.Start == part.Sequence.CachedLength);
                Assert.True(part.Sequence.Blocks.Count * BlockTokens >= part.End, "tokens without a block");
            });

            if (_depth > 1 || _underWay.Count > 0) return;

            // Whoever has waited longest of those that run and are not paused is in the step; a prompt may wait for other tenants' prompts.
            var oldest = _live.Keys.Where(s => s is { State: SequenceState.Running, IsPaused: false }).MinBy(s => s.Arrival);
            if (oldest is not null && (_tenants == 1 || oldest.Length - oldest.CachedLength == 1)) Assert.Contains(batch.Sequences, part => part.Sequence == oldest);
        }
    }

    private sealed class Text(ReadOnlySpan<int> tokens, bool isForeseeable) : Sequence(tokens)
    {
        public override bool IsForeseeable => isForeseeable;
    }

    /// <summary>
    /// A step as ranks get it: what it takes in, and where, is written down when it is chosen. A token that was not known then is looked up; of a
    /// sequence that has ended it is any.
    /// </summary>
    private sealed class Step(ScheduledBatch batch)
    {
        private readonly List<BlockCopy> _copies = [.. batch.Copies];
        private readonly (BlockTable Blocks, Sequence Sequence, int[] Tokens, int Start)[] _parts =
        [
            .. batch.Sequences.Select(part => (
                CopyOf(part.Sequence.Blocks), part.Sequence, part.Sequence.Tokens[..Math.Min(part.End, part.Sequence.Length)].ToArray(), part.Start)),
        ];

        public ScheduledBatch Batch => batch;

        public void Execute(CacheMemory memory)
        {
            memory.Copy(_copies);
            foreach (var (blocks, sequence, tokens, start) in _parts)
                memory.Write(blocks, tokens.Length > start ? tokens : [.. tokens, sequence.Length > start ? sequence.Tokens[start] : 0], start);
        }

        private static BlockTable CopyOf(BlockTable table)
        {
            var copy = new BlockTable();
            foreach (var block in table.Blocks) copy.Add(block);
            return copy;
        }
    }
}
