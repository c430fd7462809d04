namespace Cluster.Coordinator.Tests.Engine;

public sealed class PrefixCacheTests
{
    private static readonly int[] s_prefix = [.. Enumerable.Range(0, 1000).Select(i => i * 7 % 290 + 3)];

    [Theory]
    [InlineData(true, 1000, 1000)]
    [InlineData(false, 0, 0)]
    public async Task Second_request_prefills_only_its_own_tokens(bool prefixCache, int reused, int reusedOfGenerated)
    {
        await using var fixture = new EngineFixture(ranks: 2, maxSequences: 2, context: 1064, vocabulary: 300, prefixCache: prefixCache);
        int[] first = [.. s_prefix, 1, 2, 3], second = [.. s_prefix, 9, 8, 7, 6, 5];

        await RunAsync(first, cached: 0);
        await RunAsync(second, cached: reused);

        // Of the first text's answer all but the last token was computed: the block at 1000 is full.
        await RunAsync([.. first, .. fixture.Model.GreedyContinuation(first, 7)], cached: reusedOfGenerated + (prefixCache ? 8 : 0));

        async Task RunAsync(int[] prompt, int cached)
        {
            var before = fixture.Ranks.Tokens;
            var (tokens, _, summary) = await fixture.RunAsync(EngineFixture.Greedy(prompt, 7));

            Assert.Equal(fixture.Model.GreedyContinuation(prompt, 7), tokens);
            Assert.Equal((prompt.Length, cached, prompt.Length - cached), (summary.PromptTokens, summary.CachedTokens, summary.PrefilledTokens));
            Assert.Equal(prompt.Length - cached + 6, fixture.Ranks.Tokens - before);
        }
    }

    [Fact]
    public async Task Same_prompt_again_computes_its_last_block_only()
    {
        await using var fixture = new EngineFixture(context: 64, vocabulary: 300);
        var prompt = s_prefix[..32];
        var cold = await fixture.RunAsync(EngineFixture.Greedy(prompt, 12));

        var warm = await fixture.RunAsync(EngineFixture.Greedy(prompt, 12));

        Assert.Equal(cold.Tokens, warm.Tokens);
        Assert.Equal((24, 8), (warm.Summary.CachedTokens, warm.Summary.PrefilledTokens));
        await fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task Scoring_computes_every_token()
    {
        await using var fixture = new EngineFixture(context: 64, vocabulary: 300);
        var text = s_prefix[..32];
        var cold = await fixture.Engine.ScoreAsync(text, 3);
        var before = fixture.Ranks.Tokens;

        var warm = await fixture.Engine.ScoreAsync(text, 3);

        Assert.Equal(cold.LogProbs.AsSpan(), warm.LogProbs.AsSpan());
        Assert.Equal(32, fixture.Ranks.Tokens - before);
    }

    [Fact]
    public async Task Requests_at_the_same_time_share_what_they_begin_with()
    {
        await using var fixture = new EngineFixture(prefillChunk: 16, maxSequences: 6, context: 64, blocks: 14, vocabulary: 300);
        int[][] prompts = [.. Enumerable.Range(0, 12).Select(i => (int[])[.. s_prefix[..24], i, 5, i])];

        var texts = await Task.WhenAll(prompts.Select(prompt => fixture.RunAsync(EngineFixture.Greedy(prompt, 20))));

        Assert.All(prompts.Zip(texts), pair => Assert.Equal(fixture.Model.GreedyContinuation(pair.First, 20), pair.Second.Tokens));
        Assert.True(fixture.Engine.Cache.HitTokens >= 24, "nothing was shared");
        await fixture.AssertNothingLeaksAsync();
    }
}
