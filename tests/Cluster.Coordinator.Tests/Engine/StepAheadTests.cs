using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Engine.Journal;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;
using Cluster.Coordinator.Tests.Fakes;
using Cluster.Model.Sampling;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Tests.Engine;

/// <summary>On ranks of one stage the next step begins before the tokens of the last one are known.</summary>
public sealed class StepAheadTests
{
    private const int Vocabulary = 3000;

    /// <summary>The prompts, and the decode that shows that steps are short.</summary>
    private const int StepsBeforeTwo = 2;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    public async Task Texts_are_those_of_two_stages_that_wait_for_every_token(int seed, int ranks)
    {
        var random = new Random(seed);
        var requests = Enumerable.Range(0, 16).Select(_ => RandomRequest(random)).ToArray();
        await using var plain = new EngineFixture(stages: 2, prefillChunk: 16, maxSequences: 5, blocks: 24, vocabulary: Vocabulary);
        await using var ahead = new EngineFixture(ranks: ranks, prefillChunk: 16, maxSequences: 5, blocks: 24, vocabulary: Vocabulary);
        var (waiting, steps) = (Watch(plain), Watch(ahead));

        // A few at a time, so that some come while others write.
        var expected = new List<(List<int> Tokens, string Text, GenerationSummary Summary)>();
        var texts = new List<(List<int> Tokens, string Text, GenerationSummary Summary)>();
        foreach (var some in requests.Chunk(4))
        {
            expected.AddRange(await Task.WhenAll(some.Select(plain.RunAsync)));
            texts.AddRange(await Task.WhenAll(some.Select(ahead.RunAsync)));
        }

        Assert.Equal(expected.Select(text => text.Tokens), texts.Select(text => text.Tokens));
        Assert.Equal(expected.Select(text => (text.Text, text.Summary.Reason)), texts.Select(text => (text.Text, text.Summary.Reason)));
        Assert.InRange(steps.Ahead, 20, ahead.Ranks.Steps);
        Assert.Equal(0, waiting.Ahead);
        await ahead.AssertNothingLeaksAsync();
    }

    [Theory]
    [InlineData(0f, 1f, 0, 1f, true)]
    [InlineData(0f, 1f, 5, 1f, true)]
    [InlineData(0.8f, 1f, 0, 1f, true)]
    [InlineData(0.8f, 0.9f, 0, 1f, false)]
    [InlineData(0.8f, 1f, 5, 1f, false)]
    [InlineData(0f, 1f, 0, 1.2f, false)]
    public async Task Steps_go_ahead_where_the_first_candidate_is_the_choice(float temperature, float topP, int topLogProbs, float penalty, bool isAhead)
    {
        var sampling = new SamplingOptions { Temperature = temperature, TopP = topP, TopLogProbs = topLogProbs, RepetitionPenalty = penalty, Seed = 5 };
        var request = EngineFixture.Greedy([1, 2, 3], 40) with { Sampling = sampling };
        await using var plain = new EngineFixture(stages: 2, vocabulary: Vocabulary);
        await using var fixture = new EngineFixture(vocabulary: Vocabulary);
        var steps = Watch(fixture);

        var text = await fixture.RunAsync(request);

        Assert.Equal((await plain.RunAsync(request)).Tokens, text.Tokens);

        // Neither the prompt, nor the decode that shows that steps are short, nor the next one.
        Assert.Equal((40, isAhead ? 37 : 0), (fixture.Ranks.Steps, steps.Ahead));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20)]
    public async Task What_went_ahead_of_an_end_is_dropped(int texts)
    {
        await using var fixture = new EngineFixture(maxSequences: texts, blocks: 16 * texts);
        int[] prompt = [1, 50, 300, 7];
        fixture.Script(prompt.Length, "He said the end.<|im_end|>");
        var steps = Watch(fixture);
        var request = EngineFixture.Greedy(prompt, 50) with { IgnoreEndOfText = false };

        var ends = await Task.WhenAll(Enumerable.Range(0, texts).Select(i => fixture.RunAsync(i % 2 == 0 ? request : request with { StopStrings = ["the"] })));

        Assert.All(ends.Index(), end => Assert.Equal((end.Index % 2 == 0 ? "He said the end." : "He said ", FinishReason.Stop), (end.Item.Text, end.Item.Summary.Reason)));
        Assert.True(steps.Ahead > 0);
        await fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task Newcomer_and_cancelled_text_meet_two_steps_under_way()
    {
        await using var fixture = new EngineFixture(vocabulary: Vocabulary);
        var (first, gate) = await HoldAheadAsync(fixture, EngineFixture.Greedy([1, 2, 3], 60), EngineFixture.Greedy([4, 5], 60));
        var joined = new TaskCompletionSource<StepRequest>();
        fixture.Ranks.BeforeRequest = request =>
        {
            joined.TrySetResult(request.Clone());
            return null;
        };
        var newcomer = fixture.RunAsync(EngineFixture.Greedy([7, 8, 9, 10], 20));
        first[0].Dispose();
        gate.Release(1000);

        // The cancelled one is in neither of its parts, the newcomer's prompt comes first thing after the two steps.
        var next = await joined.Task;
        Assert.Equal(([1, 4], 0), (next.SequenceTokenCounts, next.ForeseenTokens.Count));
        Assert.Equal(fixture.Model.GreedyContinuation([7, 8, 9, 10], 20), (await newcomer).Tokens);
        Assert.Equal(fixture.Model.GreedyContinuation([4, 5], 60), (await EngineFixture.ReadAsync(first[1])).Tokens);
        Assert.Equal(FinishReason.Cancelled, first[0].Summary?.Reason);
        await fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task Work_between_steps_waits_for_both()
    {
        await using var fixture = new EngineFixture(vocabulary: Vocabulary);
        var (texts, gate) = await HoldAheadAsync(fixture, EngineFixture.Greedy([1, 2, 3], 60));
        var underWay = -1;
        var work = fixture.Engine.RunBetweenStepsAsync(_ =>
        {
            underWay = fixture.Ranks.UnderWay;
            return ValueTask.CompletedTask;
        });
        gate.Release(1000);
        await work;

        Assert.Equal(0, underWay);
        Assert.Equal(fixture.Model.GreedyContinuation([1, 2, 3], 60), (await EngineFixture.ReadAsync(texts[0])).Tokens);
    }

    /// <summary>The stream takes the token that went ahead and the text that was held back, although nobody reads.</summary>
    [Fact]
    public async Task Reader_that_never_came_gets_the_last_token_and_the_rest()
    {
        await using var fixture = new EngineFixture(context: 512);
        int[] prompt = [1, 2, 3];
        for (var position = 0; position < 300; position++) fixture.Model.Script[prompt.Length + position] = SampleTokenizer.Instance.Encode("a", false, true)[^1];
        var request = EngineFixture.Greedy(prompt, 257) with { StopStrings = ["aaab"] };
        var stream = fixture.Engine.Submit(request);
        await fixture.Engine.DrainAsync();

        var (tokens, text, summary) = await EngineFixture.ReadAsync(stream);
        Assert.Equal((257, 257, FinishReason.Length), (tokens.Count, text.Count(letter => letter == 'a'), summary.Reason));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ranks_that_are_lost_with_two_steps_under_way_lose_no_token_and_repeat_none(bool isOlderExecuted)
    {
        var model = new FakeModel(Vocabulary);
        await using var engine = new InferenceEngine(
            new EngineModel(SampleTokenizer.Instance, Vocabulary, 128), new SchedulerOptions(), TimeSpan.FromSeconds(60), new MemoryJournal(), new ManualTimeProvider());
        var lost = new StepFailure(StepFailureKind.WorkerLost, 0, "worker 'a' is lost");
        var two = new TaskCompletionSource();
        var gate = new SemaphoreSlim(StepsBeforeTwo);
        var first = new FakeRankGroup(model, ranks: 1, blockTokens: 8)
        {
            PlanVersion = 1,
            Gate = gate,
            BeforeRequest = request => Tell(two, request),
            AfterStep = step => step > StepsBeforeTwo + (isOlderExecuted ? 1 : 0) ? lost : null,
        };
        var streams = Enumerable.Range(0, 3).Select(i => engine.Submit(EngineFixture.Greedy([i + 1, 9], 30))).ToArray();
        _ = engine.Attach(first, new BlockManager(64, 8), 128);
        await two.Task;
        gate.Release(1000);
        await first.Ended;
        _ = engine.Attach(new FakeRankGroup(model, ranks: 1, blockTokens: 8) { PlanVersion = 2 }, new BlockManager(64, 8), 128);

        foreach (var (i, stream) in streams.Index())
            Assert.Equal(model.GreedyContinuation([i + 1, 9], 30), (await EngineFixture.ReadAsync(stream)).Tokens);
    }

    /// <summary>Two steps of these texts are under way, and wait for the gate.</summary>
    private static async Task<(TokenStream[] Texts, SemaphoreSlim Gate)> HoldAheadAsync(EngineFixture fixture, params GenerationRequest[] requests)
    {
        var gate = new SemaphoreSlim(StepsBeforeTwo);
        var two = new TaskCompletionSource();
        fixture.Ranks.Gate = gate;
        fixture.Ranks.BeforeRequest = request => Tell(two, request);

        // They come together: the loop is kept from them until all are there.
        var hold = new TaskCompletionSource();
        var held = fixture.Engine.RunBetweenStepsAsync(async _ => await hold.Task);
        TokenStream[] texts = [.. requests.Select(fixture.Engine.Submit)];
        hold.SetResult();
        await held;
        await two.Task;
        return (texts, gate);
    }

    private static StepFailure? Tell(TaskCompletionSource two, StepRequest request)
    {
        if (request.ForeseenTokens.Count > 0) two.TrySetResult();
        return null;
    }

    private static Counter Watch(EngineFixture fixture)
    {
        var counter = new Counter();
        fixture.Ranks.BeforeRequest = request =>
        {
            if (request.ForeseenTokens.Count > 0) counter.Ahead++;
            return null;
        };
        return counter;
    }

    private static GenerationRequest RandomRequest(Random random)
    {
        // Few that a step cannot go ahead with, else it hardly ever does.
        var sampling = random.Next(8) switch
        {
            < 4 => new SamplingOptions { Temperature = 0 },
            < 7 => new SamplingOptions { Temperature = 0.8f, Seed = (ulong)random.Next() },
            _ => new SamplingOptions { Temperature = 1.5f, TopP = 0.99f, RepetitionPenalty = 1.2f, Seed = (ulong)random.Next() },
        };
        int[] prompt = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(Vocabulary))];
        return EngineFixture.Greedy(prompt, random.Next(1, 30)) with { Sampling = sampling, StopStrings = random.Next(3) == 0 ? ["e", "a"] : [] };
    }

    private sealed class Counter
    {
        public int Ahead { get; set; }
    }
}
