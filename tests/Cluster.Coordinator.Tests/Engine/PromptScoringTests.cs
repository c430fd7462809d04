using Cluster.Coordinator.Ranks;

namespace Cluster.Coordinator.Tests.Engine;

public sealed class PromptScoringTests
{
    private static readonly int[] s_text = [3, 99, 250, 250, 17, 4, 80, 123, 9, 44, 260];

    [Theory]
    [InlineData(1, 512)]
    [InlineData(3, 4)]
    [InlineData(2, 1)]
    public async Task Every_token_gets_the_log_probability_that_the_model_gives_it(int ranks, int chunk)
    {
        await using var fixture = new EngineFixture(ranks, chunk, vocabulary: 300);

        var score = await fixture.Engine.ScoreAsync(s_text, topCount: 10);

        var expected = Enumerable.Range(1, s_text.Length - 1).Select(i => fixture.Model.LogProb(s_text.AsSpan(0, i), s_text[i])).ToArray();
        Assert.Equal(expected.Length, score.LogProbs.Length);
        Assert.All(expected.Zip(score.LogProbs), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Assert.Equal(-expected.Average(), score.MeanNll, 1e-4);

        var logits = fixture.Model.Logits(s_text);
        var best = logits.Index().OrderByDescending(pair => pair.Item).Take(10).ToArray();
        Assert.Equal(best.Select(pair => pair.Index), score.Top.Select(token => token.TokenId));
        Assert.All(best.Index(), pair => Assert.Equal(pair.Item.Item, score.Logit(pair.Index), 1e-4));
    }

    [Fact]
    public async Task Scoring_among_generations_that_take_its_blocks_scores_the_same()
    {
        await using var fixture = new EngineFixture(prefillChunk: 3, maxSequences: 4, context: 64, blocks: 9, vocabulary: 300);
        var alone = await fixture.Engine.ScoreAsync(s_text, 5);

        var generations = Enumerable.Range(1, 3).Select(i => fixture.RunAsync(EngineFixture.Greedy([i, 5, i], 40))).ToArray();
        var scores = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => fixture.Engine.ScoreAsync(s_text, 5)));
        await Task.WhenAll(generations);

        Assert.All(scores, score => Assert.Equal(alone.LogProbs.AsSpan(), score.LogProbs.AsSpan()));
        await fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task Lost_worker_fails_the_scoring()
    {
        await using var fixture = new EngineFixture(vocabulary: 300);
        fixture.Ranks.BeforeStep = _ => new StepFailure(StepFailureKind.WorkerLost, 0, "worker 'a' is lost");

        var e = await Assert.ThrowsAsync<Coordinator.Engine.EngineException>(() => fixture.Engine.ScoreAsync(s_text, 5));
        Assert.Equal("worker 'a' is lost", e.Message);
    }
}
