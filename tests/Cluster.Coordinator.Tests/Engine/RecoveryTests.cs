using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Engine.Journal;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;
using Cluster.Coordinator.Tests.Fakes;
using Cluster.Model.Sampling;

namespace Cluster.Coordinator.Tests.Engine;

/// <summary>Texts outlive the ranks that they are continued on.</summary>
public sealed class RecoveryTests : IAsyncDisposable
{
    private const int BlockTokens = 8;
    private const int Vocabulary = 3000;

    private static readonly StepFailure s_loss = new(StepFailureKind.WorkerLost, 0, "worker 'a' is lost");

    private readonly FakeModel _model = new(Vocabulary);
    private readonly MemoryJournal _journal = new();
    private readonly ManualTimeProvider _time = new();
    private readonly InferenceEngine _engine;
    private BlockManager _blocks = new(1, 1);
    private ulong _plans;

    public RecoveryTests() => _engine = new InferenceEngine(
        new EngineModel(SampleTokenizer.Instance, Vocabulary, 128), new SchedulerOptions { PrefillChunk = 16, MaxSequences = 6 },
        TimeSpan.FromSeconds(60), _journal, _time);

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Texts_are_those_of_an_undisturbed_run_whenever_and_however_often_ranks_are_lost(int seed)
    {
        var random = new Random(seed);
        var requests = Enumerable.Range(0, 12).Select(_ => RandomRequest(random)).ToArray();
        var expected = await UndisturbedAsync(requests);

        var texts = new List<Task<(List<int> Tokens, string Text, GenerationSummary Summary)>>();
        var losses = 0;
        for (var next = 0; texts.Count < requests.Length || !Task.WhenAll(texts).IsCompleted;)
        {
            // Some come while there are ranks, some while there are none.
            for (var i = random.Next(4); i > 0 && next < requests.Length; i--) texts.Add(EngineFixture.ReadAsync(_engine.Submit(requests[next++])));
            var ranks = NewRanks(random.Next(1, 4), stages: random.Next(1, 4));
            var lost = new TaskCompletionSource();
            FailAtRandom(ranks, random, losses % 3 < 2 ? 25 : 80, lost);
            _ = Attach(ranks, blocks: random.Next(20, 60));
            if (next < requests.Length) texts.Add(EngineFixture.ReadAsync(_engine.Submit(requests[next++])));
            await Task.WhenAny(lost.Task, Task.WhenAll(texts));
            if (!lost.Task.IsCompleted) await _engine.DetachAsync(onlyWhenIdle: false, CancellationToken.None);
            losses++;
        }

        var results = await Task.WhenAll(texts);
        Assert.All(expected.Zip(results), pair =>
        {
            Assert.Equal(pair.First.Tokens, pair.Second.Tokens);
            Assert.Equal(pair.First.Text, pair.Second.Text);
        });
        Assert.All(results, result => Assert.Equal(FinishReason.Length, result.Summary.Reason));
        Assert.True(losses > 3, "ranks were hardly ever lost");
        Assert.Empty(_journal.Live);
        Assert.Equal(0, _blocks.Snapshot.UsedBlocks);
    }

    [Fact]
    public async Task A_text_that_no_worker_survives_ends_and_the_others_go_on()
    {
        var poison = _engine.Submit(EngineFixture.Greedy([66, 66, 66], 30));
        var other = EngineFixture.ReadAsync(_engine.Submit(EngineFixture.Greedy([1, 2, 3], 30)));
        while (poison.Summary is null)
        {
            var ranks = NewRanks(1);
            var lost = new TaskCompletionSource();
            ranks.BeforeRequest = request =>
            {
                if (request.TokenIds is not [66, ..] && !request.TokenIds.Contains(66)) return null;
                if (request.SequenceTokenCounts.Count > 1 && other.IsCompleted) return null;
                lost.TrySetResult();
                return s_loss;
            };
            _ = Attach(ranks);
            await Task.WhenAny(lost.Task, other);
        }

        Assert.Equal(FinishReason.Error, poison.Summary.Reason);
        Assert.Contains("3 times in a row", poison.Summary.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Texts_wait_for_workers_no_longer_than_they_are_to()
    {
        var ranks = NewRanks(1);
        ranks.BeforeStep = step => step == 5 ? s_loss : null;
        _ = Attach(ranks);
        var first = EngineFixture.ReadAsync(_engine.Submit(EngineFixture.Greedy([1, 2, 3], 30)));
        await ranks.Ended;
        await SettledAsync();
        var second = EngineFixture.ReadAsync(_engine.Submit(EngineFixture.Greedy([4], 30)));
        await SettledAsync();

        _time.Advance(TimeSpan.FromSeconds(59));
        await SettledAsync();
        Assert.False(first.IsCompleted || second.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal((4, FinishReason.Error), ((await first).Tokens.Count, (await first).Summary.Reason));
        Assert.Equal("worker 'a' is lost; for 60 s there were no workers to go on with", (await second).Summary.Error);
        Assert.NotNull(_engine.Failure);
        Assert.Equal(FinishReason.Error, (await EngineFixture.ReadAsync(_engine.Submit(EngineFixture.Greedy([4], 3)))).Summary.Reason);

        // Workers that come later are used as if nothing had happened.
        _ = Attach(NewRanks(2));
        Assert.Equal(_model.GreedyContinuation([4], 3), (await EngineFixture.ReadAsync(_engine.Submit(EngineFixture.Greedy([4], 3)))).Tokens);
        Assert.Null(_engine.Failure);
    }

    [Fact]
    public async Task A_text_that_has_become_too_long_for_what_is_left_ends_with_both_lengths()
    {
        var ranks = NewRanks(1);
        ranks.BeforeStep = step => step == 41 ? s_loss : null;
        _ = Attach(ranks);
        var text = EngineFixture.ReadAsync(_engine.Submit(EngineFixture.Greedy([1, 2, 3], 100)));
        var shorter = EngineFixture.ReadAsync(_engine.Submit(EngineFixture.Greedy([1], 20)));
        await ranks.Ended;
        _ = _engine.Attach(NewRanks(1), new BlockManager(5, BlockTokens), contextLength: 40);

        Assert.Equal("its 43 tokens leave no room in the context of 40 that is left", (await text).Summary.Error);
        Assert.Equal(20, (await shorter).Tokens.Count);
        Assert.Equal(40, _engine.Model.ContextLength);
    }

    [Fact]
    public async Task Work_fails_without_ranks_and_scoring_goes_on()
    {
        var ranks = NewRanks(2);
        ranks.BeforeStep = step => step == 2 ? s_loss : null;
        _ = Attach(ranks);
        int[] text = [.. Enumerable.Range(100, 40)];
        var score = _engine.ScoreAsync(text, 3);
        await ranks.Ended;
        await SettledAsync();
        await Assert.ThrowsAsync<EngineException>(() => _engine.RunBetweenStepsAsync(_ => ValueTask.CompletedTask));
        _ = Attach(NewRanks(1));

        var logProbs = (await score).LogProbs;
        Assert.All(logProbs.Index(), pair => Assert.Equal(_model.LogProb(text.AsSpan(0, pair.Index + 1), text[pair.Index + 1]), pair.Item, 1e-4));
    }

    private async Task<List<(List<int> Tokens, string Text)>> UndisturbedAsync(GenerationRequest[] requests)
    {
        await using var engine = new InferenceEngine(
            NewRanks(1), new EngineModel(SampleTokenizer.Instance, Vocabulary, 128), new BlockManager(400, BlockTokens), new SchedulerOptions(), TimeProvider.System);
        var texts = await Task.WhenAll(requests.Select(request => EngineFixture.ReadAsync(engine.Submit(request))));
        return [.. texts.Select(text => (text.Tokens, text.Text))];
    }

    private static GenerationRequest RandomRequest(Random random)
    {
        var sampling = random.Next(3) switch
        {
            0 => new SamplingOptions { Temperature = 0 },
            1 => new SamplingOptions { Temperature = 0.8f, Seed = (ulong)random.Next() },

            // Flat, so that a step is asked about again.
            _ => new SamplingOptions { Temperature = 1.5f, TopP = 0.99f, RepetitionPenalty = 1.2f, Seed = (ulong)random.Next() },
        };
        int[] prompt = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(Vocabulary))];
        return EngineFixture.Greedy(prompt, random.Next(1, 30)) with { Sampling = sampling };
    }

    private static void FailAtRandom(FakeRankGroup ranks, Random random, int latest, TaskCompletionSource lost)
    {
        var (step, question) = (random.Next(latest - 24, latest), random.Next(latest - 24, latest));
        ranks.BeforeStep = number => Fail(number >= step);
        ranks.BeforeQuestion = () => Fail(ranks.FurtherQuestions >= question);

        StepFailure? Fail(bool fails)
        {
            if (!fails) return null;
            lost.TrySetResult();
            return s_loss;
        }
    }

    private FakeRankGroup NewRanks(int count, int stages = 1) => new(_model, count, BlockTokens, stages) { PlanVersion = ++_plans };

    private Task<ResumedTexts> Attach(FakeRankGroup ranks, int blocks = 100)
    {
        _blocks = new BlockManager(blocks, BlockTokens);
        return _engine.Attach(ranks, _blocks, Math.Min(128, blocks * BlockTokens));
    }

    /// <summary>Everything that was asked of the engine before is done.</summary>
    private async Task SettledAsync()
    {
        // Answered in its turn: by an error where there are no ranks.
        await _engine.RunBetweenStepsAsync(_ => ValueTask.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
