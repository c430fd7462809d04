using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Evaluation;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Tests.Engine;

namespace Cluster.Coordinator.Tests.Evaluation;

public sealed class TextEvaluationTests
{
    private const int Context = 20;

    [Theory]
    [InlineData(1, 512)]
    [InlineData(1, 6)]
    [InlineData(3, 4)]
    public async Task Scores_are_those_of_whole_rows_of_logits(int ranks, int stepTokens)
    {
        await using var fixture = new EngineFixture(ranks, vocabulary: 50);
        var windows = RandomWindows(50);
        var steps = new List<(long Done, long Total)>();

        var scores = await TextEvaluation.RunAsync(fixture.Engine, windows, 3, stepTokens, (done, total) => steps.Add((done, total)), default);

        for (var cache = 0; cache < 3; cache++)
        {
            var (nll, divergence, agreement) = Expected(fixture, windows, cache);
            Assert.Equal(nll, scores[cache].Nll.Mean, 1e-5);
            Assert.Equal(divergence, scores[cache].Divergence.Mean, 1e-9);
            Assert.Equal(agreement, scores[cache].Agreement.Mean, 1e-12);
            Assert.Equal(Math.Exp(nll), scores[cache].Perplexity, 1e-3);
            Assert.Equal(scores[cache].Perplexity / scores[0].Perplexity - 1, scores[cache].PerplexityChange, 1e-6);
        }

        Assert.Equal(0, scores[0].Divergence.Mean);
        Assert.True(scores[1].Divergence.Mean is > 0 && scores[1].Divergence.Mean < scores[2].Divergence.Mean);
        Assert.Equal(steps[^1].Total, steps[^1].Done);
        Assert.Equal(fixture.Ranks.Steps, steps.Count);
        await fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task A_single_cache_is_compared_with_nothing()
    {
        await using var fixture = new EngineFixture(vocabulary: 50);

        var scores = await TextEvaluation.RunAsync(fixture.Engine, RandomWindows(50), 1, 64, (_, _) => { }, default);

        Assert.Equal(2 * (Context - 1 - Context / 2), Assert.Single(scores).Nll.Count);
        Assert.Equal(0, fixture.Ranks.KeptRows);
    }

    [Fact]
    public async Task A_failed_step_ends_it_with_its_reason_and_no_block_lost()
    {
        await using var fixture = new EngineFixture(vocabulary: 50);
        fixture.Ranks.BeforeStep = step => step == 2 ? new StepFailure(StepFailureKind.WorkerLost, 0, "worker 'a' is lost") : null;

        var error = await Assert.ThrowsAsync<EngineException>(() => TextEvaluation.RunAsync(fixture.Engine, RandomWindows(50), 2, 8, (_, _) => { }, default));

        Assert.Equal("worker 'a' is lost", error.Message);
        Assert.Equal(fixture.Blocks.BlockCount, fixture.Blocks.AvailableCount);
    }

    [Fact]
    public async Task It_can_be_cancelled_between_two_steps()
    {
        await using var fixture = new EngineFixture(vocabulary: 50);
        using var cancellation = new CancellationTokenSource();
        fixture.Ranks.BeforeStep = step =>
        {
            if (step == 2) cancellation.Cancel();
            return null;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            TextEvaluation.RunAsync(fixture.Engine, RandomWindows(50), 2, 8, (_, _) => { }, cancellation.Token));

        Assert.Equal(2, fixture.Ranks.Steps);
        await fixture.AssertNothingLeaksAsync();
    }

    private static TextWindows RandomWindows(int vocabulary)
    {
        var random = new Random(3);
        return new TextWindows(Context, [.. Enumerable.Range(0, 2).Select(_ => (ReadOnlyMemory<int>)Enumerable.Range(0, Context).Select(_ => random.Next(vocabulary)).ToArray())]);
    }

    private static (double Nll, double Divergence, double Agreement) Expected(EngineFixture fixture, TextWindows windows, int cache)
    {
        var (nll, divergence, agreement) = (new List<double>(), new List<double>(), new List<double>());
        foreach (var window in windows.Windows)
        {
            for (var position = Context / 2; position < Context - 1; position++)
            {
                var baseline = fixture.Model.Logits(window.Span[..(position + 1)]).Select(logit => (double)logit).ToArray();
                var logits = fixture.Model.Logits(window.Span[..(position + 1)], cache).Select(logit => (double)logit).ToArray();
                var (all, other) = (Partial.LogSumExp(baseline), Partial.LogSumExp(logits));
                nll.Add(other - logits[window.Span[position + 1]]);
                divergence.Add(baseline.Zip(logits).Sum(pair => Math.Exp(pair.First - all) * (pair.First - all - pair.Second + other)));
                agreement.Add(Array.IndexOf(baseline, baseline.Max()) == Array.IndexOf(logits, logits.Max()) ? 1 : 0);
            }
        }

        return (nll.Average(), divergence.Average(), agreement.Average());
    }
}
