using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Tests.Scheduling;

/// <summary>A step goes ahead of the tokens of the one under way, or does not.</summary>
public sealed class ForesightTests
{
    private const int BlockTokens = 4;

    private readonly BlockManager _blocks = new(blockCount: 12, BlockTokens);
    private readonly Scheduler _scheduler;
    private readonly List<Text> _texts = [];

    public ForesightTests() => _scheduler = new Scheduler(new() { PrefillChunk = 16, MaxSequences = 3 }, _blocks, foresight: new Foresight());

    [Fact]
    public void Each_sequence_of_the_step_under_way_goes_ahead_by_a_token_and_has_a_block_for_it()
    {
        var (one, other) = (NewText(7), NewText(2));
        StartDecoding(one, other);

        Assert.Equal([(9, 1), (4, 1)], Parts(_scheduler.Next()));
        Assert.Equal((9, 4, 10, 5), (one.Length, other.Length, one.ScheduledLength, other.ScheduledLength));
        Assert.Equal((3, 2), (one.Blocks.Count, other.Blocks.Count));
        Assert.Throws<InvalidOperationException>(_scheduler.Next);

        CompleteWith(one, other);
        Assert.Equal((9, 4), (one.CachedLength, other.CachedLength));
        Assert.Equal([(10, 1), (5, 1)], Parts(_scheduler.Next()));
    }

    [Fact]
    public void The_last_chunk_of_a_prompt_is_followed_at_once_and_no_other()
    {
        var (first, text) = (NewText(1), NewText(20));
        StartDecoding(first);
        _scheduler.Add(text);
        CompleteWith(first);

        Assert.Equal([(3, 1), (0, 16)], Parts(_scheduler.Next()));
        Assert.Empty(Parts(_scheduler.Next()));
        CompleteWith(first);
        Assert.Equal([(4, 1), (16, 4)], Parts(_scheduler.Next()));
        Assert.Equal([(5, 1), (20, 1)], Parts(_scheduler.Next()));
    }

    [Theory]
    [InlineData("unforeseeable")]
    [InlineData("newcomer")]
    [InlineData("no block for each")]
    [InlineData("back from a pause")]
    [InlineData("long steps")]
    public void Nothing_goes_ahead_when_the_next_step_may_be_another(string reason)
    {
        var (one, other) = (NewText(7), NewText(3));
        StartDecoding(one, other);
        var taken = new BlockTable();
        switch (reason)
        {
            case "unforeseeable":
                other.Foreseeable = false;
                break;
            case "newcomer":
                _scheduler.Add(NewText(2));
                break;
            case "no block for each":
                Assert.True(_blocks.TryGrow(taken, 0, (_blocks.AvailableCount - 1) * BlockTokens, []));
                break;
            case "back from a pause":
                one.IsPaused = true;
                Assert.Equal([(5, 1)], Parts(_scheduler.Next()));
                CompleteWith(one, other);
                one.IsPaused = false;
                break;
            case "long steps":
                _scheduler.Complete(Foresight.LongestStep);
                one.Append(1);
                other.Append(1);
                _scheduler.Next();
                break;
        }

        Assert.Empty(Parts(_scheduler.Next()));
    }

    [Fact]
    public void Who_has_no_place_anyway_does_not_hold_a_step_back()
    {
        Text[] three = [NewText(2), NewText(2), NewText(2)];
        StartDecoding(three);
        _scheduler.Add(NewText(2));

        Assert.Equal([(4, 1), (4, 1), (4, 1)], Parts(_scheduler.Next()));
    }

    [Fact]
    public void Who_is_gone_when_its_step_ahead_is_over_is_forgotten()
    {
        var (one, other) = (NewText(7), NewText(3));
        StartDecoding(one, other);
        _scheduler.Next();
        _scheduler.Complete(TimeSpan.Zero);
        other.Append(1);
        _scheduler.Remove(one);

        _scheduler.Add(NewText(30));
        Assert.Empty(Parts(_scheduler.Next()));
        CompleteWith(other);

        Assert.Equal([(6, 1), (0, 16)], Parts(_scheduler.Next()));
        Assert.Equal((SequenceState.Finished, 0), (one.State, one.Blocks.Count));
    }

    private Text NewText(int length)
    {
        var text = new Text(Enumerable.Range(_texts.Count, length).ToArray());
        _texts.Add(text);
        return text;
    }

    /// <summary>All are in the step under way, with one token each, and a step before it has been timed.</summary>
    private void StartDecoding(params Text[] texts)
    {
        foreach (var text in texts) _scheduler.Add(text);
        _scheduler.Next();
        CompleteWith(texts);
        _scheduler.Next();
        CompleteWith(texts);
        _scheduler.Next();
    }

    private void CompleteWith(params Text[] texts)
    {
        _scheduler.Complete(TimeSpan.FromMilliseconds(1));
        foreach (var text in texts) text.Append(1);
    }

    private static (int Start, int Count)[] Parts(ScheduledBatch batch) => [.. batch.Sequences.Select(part => (part.Start, part.Count))];

    private sealed class Text(ReadOnlySpan<int> prompt) : Sequence(prompt)
    {
        public bool Foreseeable { get; set; } = true;

        public override bool IsForeseeable => Foreseeable;
    }
}
