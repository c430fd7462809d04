using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Tests.Scheduling;

public sealed class SchedulerTests
{
    [Fact]
    public void Long_prompt_is_taken_in_by_chunks()
    {
        var scheduler = Create(new() { PrefillChunk = 16, MaxSequences = 4 }, blocks: 8);
        var sequence = NewSequence(40);
        scheduler.Add(sequence);

        Assert.Equal([(0, 16), (16, 16), (32, 8)], Enumerable.Range(0, 3).Select(_ => RunStep(scheduler).Single()));
        Assert.Equal(40, sequence.CachedLength);
    }

    [Fact]
    public void Decodes_share_the_step_with_anothers_prompt()
    {
        var scheduler = Create(new() { PrefillChunk = 16, MaxSequences = 4 }, blocks: 8);
        var first = NewSequence(5);
        scheduler.Add(first);
        RunStep(scheduler);
        first.Append(9);
        scheduler.Add(NewSequence(30));

        Assert.Equal([(5, 1), (0, 16)], RunStep(scheduler));
    }

    [Fact]
    public void Youngest_is_preempted_and_comes_back_from_its_token_ids()
    {
        // Four blocks of 4 tokens: both prompts fit with one block to spare, both cannot grow.
        var scheduler = Create(new() { PrefillChunk = 16, MaxSequences = 4 }, blocks: 4, blockTokens: 4);
        var older = NewSequence(4);
        var younger = NewSequence(4);
        scheduler.Add(older);
        scheduler.Add(younger);
        RunStep(scheduler);
        Assert.Equal(2, scheduler.RunningCount);

        while (scheduler.PreemptionCount == 0)
        {
            older.Append(1);
            younger.Append(2);
            RunStep(scheduler);
            if (older.Length > 16) Assert.Fail("nobody was preempted");
        }

        Assert.Equal(SequenceState.Waiting, younger.State);
        Assert.Equal(0, younger.CachedLength);
        Assert.Empty(younger.Blocks);
        Assert.Equal(SequenceState.Running, older.State);

        var length = younger.Length;
        scheduler.Remove(older);
        Assert.Equal([(0, length)], RunStep(scheduler));
    }

    [Fact]
    public void Paused_sequence_gives_its_blocks_to_a_younger_one()
    {
        var scheduler = Create(new() { PrefillChunk = 16, MaxSequences = 4 }, blocks: 2, blockTokens: 4);
        var paused = NewSequence(4);
        scheduler.Add(paused);
        RunStep(scheduler);
        paused.IsPaused = true;
        var reader = NewSequence(3);
        scheduler.Add(reader);
        scheduler.Add(NewSequence(2));
        RunStep(scheduler);
        Assert.Equal([3, 0], [reader.CachedLength, paused.Blocks.Count]); // the third has no block for itself and one to spare

        paused.IsPaused = false;
        scheduler.Remove(reader);
        RunStep(scheduler);
        Assert.Equal(4, paused.CachedLength); // before the third: it was there first
    }

    [Fact]
    public void Sequence_larger_than_the_cache_is_refused()
    {
        var scheduler = Create(new(), blocks: 2, blockTokens: 4);

        Assert.Throws<ArgumentException>(() => scheduler.Add(NewSequence(9)));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(11)]
    [InlineData(42)]
    [InlineData(1234)]
    public void Every_sequence_ends_and_no_block_leaks(int seed)
    {
        var random = new Random(seed);
        var options = new SchedulerOptions { PrefillChunk = random.Next(1, 24), MaxSequences = random.Next(1, 8) };
        var blocks = new BlockManager(random.Next(12, 30), 4);
        var scheduler = new Scheduler(options, blocks);
        var load = new Dictionary<Sequence, int>(); // the length at which each ends
        var steps = 0;

        for (var arrivals = 60; arrivals > 0 || load.Count > 0; steps++)
        {
            Assert.True(steps < 50_000, "sequences do not end");
            while (arrivals > 0 && random.Next(3) == 0)
            {
                var sequence = NewSequence(random.Next(1, 40));
                load[sequence] = sequence.Length + random.Next(1, 48 - sequence.Length);
                scheduler.Add(sequence);
                arrivals--;
            }

            foreach (var sequence in load.Keys) sequence.IsPaused = sequence.IsPaused ? random.Next(4) != 0 : random.Next(12) == 0;
            if (random.Next(25) == 0 && load.Count > 0) Remove(load.Keys.ElementAt(random.Next(load.Count)));

            var batch = scheduler.Next();
            CheckBatch(batch);
            scheduler.Complete();
            foreach (var part in batch.Sequences.Where(part => part.ReachesEnd).ToArray())
            {
                part.Sequence.Append(random.Next(100));
                if (part.Sequence.Length >= load[part.Sequence]) Remove(part.Sequence);
            }

            Assert.Equal(blocks.BlockCount, blocks.FreeCount + load.Keys.Sum(sequence => sequence.Blocks.Count));
        }

        Assert.Equal(blocks.BlockCount, blocks.FreeCount);
        Assert.Equal(0, scheduler.RunningCount + scheduler.WaitingCount);

        void Remove(Sequence sequence)
        {
            scheduler.Remove(sequence);
            load.Remove(sequence);
        }

        void CheckBatch(ScheduledBatch batch)
        {
            Assert.True(batch.TokenCount <= options.MaxStepTokens);
            Assert.Equal(batch.TokenCount, batch.Sequences.Sum(part => part.Count));
            Assert.Equal(batch.Sequences.Count, batch.Sequences.DistinctBy(part => part.Sequence).Count());
            Assert.All(batch.Sequences, part =>
            {
                Assert.False(part.Sequence.IsPaused);
                Assert.Equal(part.Sequence.CachedLength, part.Start);
                Assert.InRange(part.Count, 1, part.Sequence.PendingLength);
                Assert.True(part.Sequence.Blocks.Count * blocks.BlockTokens >= part.End, "tokens without a block");
            });
            var lent = load.Keys.SelectMany(sequence => sequence.Blocks).ToArray();
            Assert.Equal(lent.Length, lent.Distinct().Count());

            // Whoever has waited longest of those that run and are not paused is in the step.
            var oldest = load.Keys.Where(s => s is { State: SequenceState.Running, IsPaused: false }).MinBy(s => s.Arrival);
            if (oldest is not null) Assert.Contains(batch.Sequences, part => part.Sequence == oldest);
        }
    }

    private static Scheduler Create(SchedulerOptions options, int blocks, int blockTokens = 32) => new(options, new BlockManager(blocks, blockTokens));

    private static Sequence NewSequence(int length) => new(Enumerable.Range(1, length).ToArray());

    private static (int Start, int Count)[] RunStep(Scheduler scheduler)
    {
        var parts = scheduler.Next().Sequences.Select(part => (part.Start, part.Count)).ToArray();
        scheduler.Complete();
        return parts;
    }
}
