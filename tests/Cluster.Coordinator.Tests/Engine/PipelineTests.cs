using Cluster.Coordinator.Engine;
using Cluster.Model.Sampling;

namespace Cluster.Coordinator.Tests.Engine;

/// <summary>Several steps are under way at a time where there are stages for them.</summary>
public sealed class PipelineTests
{
    private const int Vocabulary = 3000;

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    [InlineData(3, 4)]
    public async Task Texts_are_those_of_one_stage(int seed, int stages)
    {
        var random = new Random(seed);
        var requests = Enumerable.Range(0, 14).Select(_ => RandomRequest(random)).ToArray();
        await using var plain = new EngineFixture(vocabulary: Vocabulary);
        var expected = await Task.WhenAll(requests.Select(plain.RunAsync));

        // Few blocks: some are preempted. Small chunks: a prompt is in several steps at a time.
        await using var fixture = new EngineFixture(ranks: 2, prefillChunk: 8, maxSequences: 6, blocks: 18, vocabulary: Vocabulary, stages: stages);
        var texts = await Task.WhenAll(requests.Select(fixture.RunAsync));

        Assert.Equal(expected.Select(text => text.Tokens), texts.Select(text => text.Tokens));
        Assert.True(fixture.Ranks.FurtherQuestions > 0);
        await fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task Decodes_are_divided_among_as_many_steps_as_there_are_stages()
    {
        await using var fixture = new EngineFixture(vocabulary: Vocabulary, stages: 2);
        var gate = await PauseAsync(fixture, Enumerable.Range(0, 4).Select(i => EngineFixture.Greedy([i + 1], 20)));

        // What was sent before the first answer of the decodes.
        var decodes = new List<int>();
        var both = new TaskCompletionSource();
        fixture.Ranks.BeforeRequest = request =>
        {
            decodes.Add(request.TokenIds.Count);
            if (decodes.Count == 2) both.TrySetResult();
            return null;
        };
        gate.Release();
        await both.Task;
        fixture.Ranks.BeforeRequest = null;
        gate.Release(1000);

        Assert.Equal([2, 2], decodes);
        await fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task Chunks_of_a_prompt_follow_each_other_without_an_answer()
    {
        await using var fixture = new EngineFixture(context: 512, vocabulary: Vocabulary, stages: 2);
        using var gate = new SemaphoreSlim(0);
        var sent = new TaskCompletionSource();
        fixture.Ranks.Gate = gate;
        fixture.Ranks.BeforeStep = step =>
        {
            if (step == 2) sent.TrySetResult();
            return null;
        };
        int[] prompt = [.. Enumerable.Range(1, 400)];
        var text = fixture.RunAsync(EngineFixture.Greedy(prompt, 5));
        await sent.Task;

        Assert.Equal((2, 400, 256), (fixture.Ranks.Steps, fixture.Ranks.Tokens, fixture.Ranks.LargestStep));
        gate.Release(1000);
        Assert.Equal(fixture.Model.GreedyContinuation(prompt, 5), (await text).Tokens);
    }

    [Fact]
    public async Task Work_between_steps_finds_none_under_way()
    {
        await using var fixture = new EngineFixture(vocabulary: Vocabulary, stages: 3);
        var texts = Enumerable.Range(0, 6).Select(i => fixture.RunAsync(EngineFixture.Greedy([i + 1], 40))).ToArray();
        for (var i = 0; i < 20; i++)
        {
            var underWay = -1;
            await fixture.Engine.RunBetweenStepsAsync(_ =>
            {
                underWay = fixture.Ranks.UnderWay;
                return ValueTask.CompletedTask;
            });
            Assert.Equal(0, underWay);
        }

        foreach (var (i, text) in (await Task.WhenAll(texts)).Index()) Assert.Equal(fixture.Model.GreedyContinuation([i + 1], 40), text.Tokens);
    }

    [Fact]
    public async Task Who_leaves_while_steps_are_under_way_harms_nobody()
    {
        await using var fixture = new EngineFixture(maxSequences: 8, blocks: 40, vocabulary: Vocabulary, stages: 3);
        for (var round = 0; round < 20; round++)
        {
            var leaving = Enumerable.Range(0, 4).Select(i => fixture.Engine.Submit(EngineFixture.Greedy([round + 1, i + 1], 60))).ToArray();
            var staying = fixture.RunAsync(EngineFixture.Greedy([round + 1, 77], 30));
            foreach (var (i, stream) in leaving.Index())
            {
                await using var tokens = stream.ReadAllAsync().GetAsyncEnumerator();
                for (var token = 0; token < i * 3; token++) await tokens.MoveNextAsync();
                stream.Dispose();
            }

            Assert.Equal(fixture.Model.GreedyContinuation([round + 1, 77], 30), (await staying).Tokens);
        }

        await fixture.AssertNothingLeaksAsync();
    }

    /// <summary>All have been prefilled, and the ranks wait for the gate with the answer to the last one's prompt.</summary>
    private static async Task<SemaphoreSlim> PauseAsync(EngineFixture fixture, IEnumerable<GenerationRequest> requests)
    {
        var gate = new SemaphoreSlim(0);
        var sent = new TaskCompletionSource();
        var all = requests.ToArray();
        fixture.Ranks.Gate = gate;
        fixture.Ranks.BeforeRequest = request =>
        {
            if (request.SequenceTokenCounts.Count == all.Length) sent.TrySetResult();
            return null;
        };

        // They come together: the loop is kept from them until all are there.
        var hold = new TaskCompletionSource();
        var held = fixture.Engine.RunBetweenStepsAsync(async _ => await hold.Task);
        foreach (var request in all) _ = fixture.RunAsync(request);
        hold.SetResult();
        await held;
        await sent.Task;
        return gate;
    }

    private static GenerationRequest RandomRequest(Random random)
    {
        var sampling = random.Next(2) == 0
            ? new SamplingOptions { Temperature = 0 }

            // Flat, so that a step is asked about again.
            : new SamplingOptions { Temperature = 1.5f, TopP = 0.99f, RepetitionPenalty = 1.2f, Seed = (ulong)random.Next() };
        int[] prompt = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(Vocabulary))];
        return EngineFixture.Greedy(prompt, random.Next(1, 30)) with { Sampling = sampling };
    }
}
