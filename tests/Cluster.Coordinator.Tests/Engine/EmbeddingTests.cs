using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Tests.Engine;

/// <summary>Vectors of texts, over the same steps as everything else.</summary>
public sealed class EmbeddingTests
{
    private readonly Random _random = new(8);

    [Theory]
    [InlineData(nameof(Pooling.Mean), 1, 512)]
    [InlineData(nameof(Pooling.Mean), 3, 16)]
    [InlineData(nameof(Pooling.Last), 2, 16)]
    [InlineData(nameof(Pooling.Cls), 2, 16)]
    public async Task Vector_is_the_pooled_hidden_states_whatever_the_chunks(string name, int ranks, int chunk)
    {
        var pooling = Enum.Parse<Pooling>(name);
        await using var fixture = new EngineFixture(ranks, chunk, vocabulary: 700);
        foreach (var length in new[] { 1, 15, 16, 17, 60, 128 })
        {
            var text = NewText(length);

            // The second time the text is in the cache, where it can be taken from there.
            for (var time = 0; time < 2; time++)
                Assert.Equal(fixture.Model.Vector(text, PooledTokens(pooling, length)), await EmbedAsync(fixture, text, pooling));
        }

        await fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task Vectors_do_not_depend_on_a_crowd_that_runs_out_of_blocks()
    {
        await using var fixture = new EngineFixture(ranks: 2, prefillChunk: 16, maxSequences: 8, context: 64, blocks: 20, vocabulary: 700);
        var prompts = Enumerable.Range(0, 10).Select(_ => NewText(_random.Next(1, 30))).ToArray();
        var texts = Enumerable.Range(0, 10).Select(_ => NewText(_random.Next(40, 64))).ToArray();

        var runs = prompts.Select(prompt => fixture.RunAsync(EngineFixture.Greedy(prompt, 30))).ToArray();
        var vectors = await Task.WhenAll(texts.Select(text => EmbedAsync(fixture, text, Pooling.Mean)));
        var results = await Task.WhenAll(runs);

        Assert.Equal(texts.Select(text => fixture.Model.Vector(text, PooledTokens(Pooling.Mean, text.Length))), vectors);
        Assert.All(prompts.Zip(results), pair => Assert.Equal(fixture.Model.GreedyContinuation(pair.First, 30), pair.Second.Tokens));
        Assert.True(fixture.Engine.PreemptionCount > 0, "the cache was large enough for all");
        await fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task Who_goes_away_and_who_loses_the_ranks_learns_of_it()
    {
        await using var fixture = new EngineFixture(prefillChunk: 16, vocabulary: 700);
        fixture.Ranks.Gate = new SemaphoreSlim(0);
        using var leaving = new CancellationTokenSource();
        var left = fixture.Engine.EmbedAsync(NewText(100), Pooling.Mean, Tenant.Anyone, leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);

        fixture.Ranks.Gate.Release(1000);
        fixture.Ranks.BeforeStep = step => step > 4 ? new StepFailure(StepFailureKind.WorkerLost, 0, "worker 'w' is lost") : null;
        var error = await Assert.ThrowsAsync<EngineException>(() => EmbedAsync(fixture, NewText(128), Pooling.Mean));

        Assert.Contains("worker 'w' is lost", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, fixture.Blocks.Snapshot.UsedBlocks);
    }

    private int[] NewText(int length) => [.. Enumerable.Range(0, length).Select(_ => _random.Next(700))];

    private static int[] PooledTokens(Pooling pooling, int length) => pooling switch
    {
        Pooling.Mean => [.. Enumerable.Range(0, length)],
        Pooling.Last => [length - 1],
        _ => [0],
    };

    private static Task<float[]> EmbedAsync(EngineFixture fixture, int[] text, Pooling pooling) =>
        fixture.Engine.EmbedAsync(text, pooling, Tenant.Anyone, CancellationToken.None);
}
