using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;
using Cluster.Model.Sampling;

namespace Cluster.Coordinator.Tests.Engine;

public sealed class InferenceEngineTests
{
    private static readonly int[] s_prompt = [1, 50, 300, 7, 7, 19, 2000, 41, 8, 3, 5];

    [Theory]
    [InlineData(1, 512)]
    [InlineData(2, 512)]
    [InlineData(3, 4)]
    [InlineData(2, 1)]
    public async Task Greedy_text_does_not_depend_on_ranks_or_chunks(int ranks, int chunk)
    {
        await using var fixture = new EngineFixture(ranks, chunk);

        var (tokens, _, summary) = await fixture.RunAsync(EngineFixture.Greedy(s_prompt, 20));

        Assert.Equal(fixture.Model.GreedyContinuation(s_prompt, 20), tokens);
        Assert.Equal((FinishReason.Length, s_prompt.Length, 20), (summary.Reason, summary.PromptTokens, summary.GeneratedTokens));
        Assert.Equal((s_prompt.Length + chunk - 1) / chunk + 19, fixture.Ranks.Steps);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task Text_is_the_same_alone_and_in_a_crowd_that_runs_out_of_blocks(int tenants)
    {
        var random = new Random(5);
        await using var fixture = new EngineFixture(ranks: 2, prefillChunk: 16, maxSequences: 8, context: 64, blocks: 20, vocabulary: 700);
        var prompts = Enumerable.Range(0, 12).Select(_ => Enumerable.Range(0, random.Next(1, 30)).Select(_ => random.Next(700)).ToArray()).ToArray();

        var runs = prompts.Select((prompt, i) => fixture.RunAsync(
            EngineFixture.Greedy(prompt, 30) with { Tenant = new Tenant($"{i % tenants}", (Priority)(i % tenants % 3)) })).ToArray();
        var results = await Task.WhenAll(runs);

        Assert.All(prompts.Zip(results), pair => Assert.Equal(fixture.Model.GreedyContinuation(pair.First, 30), pair.Second.Tokens));
        Assert.True(fixture.Engine.PreemptionCount > 0, "the cache was large enough for all");
        Assert.True(fixture.Ranks.LargestStep > 16, "no step mixed a chunk with decodes");
        await fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task Seeded_text_does_not_depend_on_the_split_also_when_candidates_do_not_suffice()
    {
        var sampling = new SamplingOptions { Temperature = 1.5f, TopP = 0.99f, RepetitionPenalty = 1.1f, Seed = 77 };
        var texts = new List<List<int>>();
        var furtherQuestions = 0;
        foreach (var ranks in new[] { 1, 2, 3 })
        {
            await using var fixture = new EngineFixture(ranks, vocabulary: 3000);
            var request = EngineFixture.Greedy(s_prompt, 12) with { Sampling = sampling };
            texts.Add((await fixture.RunAsync(request)).Tokens);
            furtherQuestions += fixture.Ranks.FurtherQuestions;
        }

        Assert.Equal(texts[0], texts[1]);
        Assert.Equal(texts[0], texts[2]);
        Assert.True(furtherQuestions > 0, "no row was asked about twice");
        Assert.True(texts[0].Distinct().Count() > 3);
    }

    [Theory]
    [InlineData("Once there was an END here", "END", "Once there was an ")]
    [InlineData("He said \"stop it\" and went", "stop", "He said \"")]
    [InlineData("aaab", "aab", "a")]
    public async Task Text_ends_before_a_stop_string_wherever_tokens_are_cut(string text, string stop, string expected)
    {
        await using var fixture = new EngineFixture();
        fixture.Script(s_prompt.Length, text);

        var (_, written, summary) = await fixture.RunAsync(EngineFixture.Greedy(s_prompt, 64) with { StopStrings = ["never", stop] });

        Assert.Equal(expected, written);
        Assert.Equal(FinishReason.Stop, summary.Reason);
    }

    [Fact]
    public async Task What_only_looked_like_a_stop_string_is_released_at_the_end()
    {
        await using var fixture = new EngineFixture();
        const string Text = "the best of the bes";
        fixture.Script(s_prompt.Length, Text);
        var length = Fakes.SampleTokenizer.Instance.Encode(Text, false, true).Count;

        var (_, written, summary) = await fixture.RunAsync(EngineFixture.Greedy(s_prompt, length) with { StopStrings = ["bessie"] });

        Assert.Equal((Text, FinishReason.Length), (written, summary.Reason));
    }

    [Fact]
    public async Task End_of_text_token_ends_the_text_unless_it_is_to_be_ignored()
    {
        await using var fixture = new EngineFixture();
        fixture.Script(s_prompt.Length, "The end.<|im_end|>");
        var request = EngineFixture.Greedy(s_prompt, 40);

        var (tokens, text, summary) = await fixture.RunAsync(request with { IgnoreEndOfText = false });
        var ignoring = await fixture.RunAsync(request);

        Assert.Equal(("The end.", FinishReason.Stop), (text, summary.Reason));
        Assert.True(Fakes.SampleTokenizer.Instance.IsEndOfGeneration(tokens[^1]));
        Assert.Equal(40, ignoring.Tokens.Count);
    }

    [Fact]
    public async Task Full_context_ends_the_text()
    {
        await using var fixture = new EngineFixture(context: 32);

        var (tokens, _, summary) = await fixture.RunAsync(EngineFixture.Greedy(s_prompt, 1000));

        Assert.Equal((32 - s_prompt.Length, FinishReason.Length), (tokens.Count, summary.Reason));
        Assert.NotNull(fixture.Engine.CheckPrompt(32));
        Assert.NotNull(fixture.Engine.CheckPrompt(0));
        Assert.Null(fixture.Engine.CheckPrompt(31));
    }

    [Fact]
    public async Task Client_that_goes_away_frees_its_sequence()
    {
        // More tokens than a stream holds that nobody reads: it cannot end by itself.
        await using var fixture = new EngineFixture(context: 1024, vocabulary: 300);
        var stream = fixture.Engine.Submit(EngineFixture.Greedy([1, 2, 3], 1000));
        await foreach (var _ in stream.ReadAllAsync()) break;
        stream.Dispose();

        await fixture.AssertNothingLeaksAsync();
        Assert.Equal(FinishReason.Cancelled, stream.Summary?.Reason);
    }

    [Fact]
    public async Task Reader_that_stops_harms_nobody()
    {
        await using var fixture = new EngineFixture(context: 1024, maxSequences: 2, vocabulary: 300);
        var stopped = fixture.Engine.Submit(EngineFixture.Greedy(s_prompt, 600));

        var other = await fixture.RunAsync(EngineFixture.Greedy([9, 9, 9], 500));
        Assert.Equal(500, other.Tokens.Count);
        Assert.Null(stopped.Summary);

        Assert.Equal(fixture.Model.GreedyContinuation(s_prompt, 600), (await EngineFixture.ReadAsync(stopped)).Tokens);
    }

    [Fact]
    public async Task Lost_worker_ends_all_texts_with_its_name()
    {
        await using var fixture = new EngineFixture();
        fixture.Ranks.BeforeStep = step => step == 5 ? new StepFailure(StepFailureKind.WorkerLost, 0, "worker 'a' is lost") : null;

        var runs = await Task.WhenAll(Enumerable.Range(1, 3).Select(i => fixture.RunAsync(EngineFixture.Greedy([i, 2], 50))));
        var later = await fixture.RunAsync(EngineFixture.Greedy([1], 2));

        Assert.All(runs.Append(later), run => Assert.Equal((FinishReason.Error, "worker 'a' is lost"), (run.Summary.Reason, run.Summary.Error)));
        Assert.Equal(StepFailureKind.WorkerLost, fixture.Engine.Failure?.Kind);
        await fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task Logits_that_are_no_numbers_end_only_their_own_text()
    {
        await using var fixture = new EngineFixture();
        fixture.Model.BrokenLength = 20;

        var broken = fixture.RunAsync(EngineFixture.Greedy(s_prompt, 30));
        var passing = fixture.RunAsync(EngineFixture.Greedy([.. Enumerable.Range(1, 25)], 10));

        Assert.Equal(FinishReason.Error, (await broken).Summary.Reason);
        Assert.Equal(20 - s_prompt.Length, (await broken).Tokens.Count);
        Assert.Equal(10, (await passing).Tokens.Count);
    }

    [Fact]
    public async Task Draining_lets_texts_end_and_takes_no_new_ones()
    {
        await using var fixture = new EngineFixture();
        fixture.Ranks.Gate = new SemaphoreSlim(0);
        var running = fixture.RunAsync(EngineFixture.Greedy(s_prompt, 10));
        var drained = fixture.Engine.DrainAsync();
        var late = fixture.RunAsync(EngineFixture.Greedy(s_prompt, 10));
        fixture.Ranks.Gate.Release(100);

        Assert.Equal(10, (await running).Tokens.Count);
        Assert.Equal(FinishReason.Error, (await late).Summary.Reason);
        await drained;
    }

    [Fact]
    public async Task Wire_bytes_and_times_are_told_for_prefill_and_decode()
    {
        await using var fixture = new EngineFixture(ranks: 2, prefillChunk: 6);

        var (_, _, summary) = await fixture.RunAsync(EngineFixture.Greedy(s_prompt, 5));

        // Two prefill steps and four decodes; each rank says 100 bytes a step, requests come on top.
        Assert.InRange(summary.PrefillWireBytes, 2 * 2 * 100, 2 * 2 * 100 + 1000);
        Assert.InRange(summary.WireBytesPerToken, 200, 500);
        Assert.True(summary.DecodeTokensPerSecond > 0 && summary.PrefillTokensPerSecond > 0);
        Assert.True(summary.TimeToFirstToken >= summary.Prefill);
        var (prefill, decode) = fixture.Engine.Statistics;
        Assert.Equal((2L, (long)s_prompt.Length), (prefill.Steps, prefill.Tokens));
        Assert.Equal((4L, 4L), (decode.Steps, decode.Tokens));
        Assert.Equal(summary.WireBytesPerToken, decode.WireBytes / 4.0, 1.0);
        Assert.True(decode.Total > TimeSpan.Zero && decode.Stream + decode.Sampling <= decode.Total);
    }
}
