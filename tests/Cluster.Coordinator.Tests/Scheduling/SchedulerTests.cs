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

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 4)] // the older one took the last of its two blocks
    public void Youngest_is_preempted_and_comes_back_from_its_token_ids_and_what_is_left_of_its_blocks(bool prefixCache, int left)
    {
        // Four blocks of 4 tokens: both prompts fit with one block to spare, both cannot grow.
        var scheduler = Create(new() { PrefillChunk = 16, MaxSequences = 4 }, blocks: 4, blockTokens: 4, prefixCache);
        var older = NewSequence(4);
        var younger = new Sequence([9, 8, 7, 6]);
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
        Assert.Equal(0, younger.Blocks.Count);
        Assert.Equal(SequenceState.Running, older.State);

        var length = younger.Length;
        scheduler.Remove(older);
        Assert.Equal([(left, length - left)], RunStep(scheduler));
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

    [Fact]
    public void Cached_prefix_is_not_taken_in_again()
    {
        var blocks = new BlockManager(16, 4);
        var scheduler = new Scheduler(new() { PrefillChunk = 16, MaxSequences = 4 }, blocks);
        var first = NewSequence(9);
        scheduler.Add(first);
        RunStep(scheduler);
        var again = NewSequence(11);
        var same = NewSequence(8);
        scheduler.Add(again);
        scheduler.Add(same);

        Assert.Equal([(8, 3), (4, 4)], RunStep(scheduler));
        Assert.Equal((0, 8, 4), (first.ReusedLength, again.ReusedLength, same.ReusedLength));
        Assert.Equal(first.Blocks.Blocks[..2], again.Blocks.Blocks[..2]);
        scheduler.Remove(first);
        scheduler.Remove(again);
        scheduler.Remove(same);
        Assert.Equal(16, blocks.AvailableCount);
    }

    [Fact]
    public void Fork_goes_on_where_its_source_is()
    {
        var scheduler = Create(new() { PrefillChunk = 16, MaxSequences = 4 }, blocks: 8, blockTokens: 4);
        var source = NewSequence(6);
        scheduler.Add(source);
        RunStep(scheduler);
        source.Append(9);
        var fork = new Sequence(source.Tokens);
        scheduler.Fork(source, fork);
        var shared = source.Blocks[1];

        var batch = scheduler.Next();

        Assert.Equal([(6, 1), (6, 1)], batch.Sequences.Select(part => (part.Start, part.Count)));
        Assert.Equal([new BlockCopy(shared, source.Blocks[1])], batch.Copies);
        Assert.Equal((source.Blocks[0], shared), (fork.Blocks[0], fork.Blocks[1]));
        scheduler.Complete(TimeSpan.Zero);
        Assert.Empty(scheduler.Next().Copies);
    }

    private static Scheduler Create(SchedulerOptions options, int blocks, int blockTokens = 32, bool prefixCache = true) =>
        new(options, new BlockManager(blocks, blockTokens, prefixCache));

    private static Sequence NewSequence(int length) => new(Enumerable.Range(1, length).ToArray());

    private static (int Start, int Count)[] RunStep(Scheduler scheduler)
    {
        var parts = scheduler.Next().Sequences.Select(part => (part.Start, part.Count)).ToArray();
        scheduler.Complete(TimeSpan.Zero);
        return parts;
    }
}
