using Cluster.Model.Sampling;

namespace Cluster.Model.Tests.Sampling;

public sealed class TokenSamplerTests
{
    private static readonly float[] s_row = [0.5f, 2, -1, 2, 1.5f, -3, 0, 1];

    [Fact]
    public void GreedyTakesTheLowestOfEqualTokensOnEverySplit()
    {
        foreach (int[] bounds in (int[][])[[0, 8], [0, 3, 8], [0, 1, 2, 3, 4, 8]])
        {
            SampleResult result = new SplitRow(s_row, bounds).Sample(new TokenSampler(new() { Temperature = 0 }, 8), [1], 1, out int rounds);
            Assert.Equal((1, 1), (result.Token.TokenId, rounds));
        }
    }

    [Fact]
    public void PlainTemperatureAsksForOneCandidateOfEachRank()
    {
        var sampler = new TokenSampler(new() { Temperature = 0.8f, Seed = 11 }, 8);
        CandidateQuery query = sampler.Query([3, 1, 4], 2);

        Assert.Equal(1, query.CandidateCount);
        Assert.Equal(11UL, query.NoiseSeed);
        Assert.Equal(3, query.Position);
        Assert.True(query.RequestedIds.IsEmpty);
        Assert.True(sampler.Sample(query, new SplitRow(s_row, [0, 4, 8]).Answer(query)).IsChosen);
    }

    [Theory]
    [InlineData(0f, 1f, 0, 0f, true)]
    [InlineData(0f, 0.9f, 4, 0f, true)]
    [InlineData(1.3f, 1f, 0, 0f, true)]
    [InlineData(1.3f, 0.9f, 0, 0f, false)]
    [InlineData(1.3f, 1f, 4, 0f, false)]
    [InlineData(0f, 1f, 0, 0.5f, false)]
    public void WhoHasAllLogitsKnowsTheTokenFromItsFirstCandidate(float temperature, float topP, int topLogProbs, float penalty, bool isFirst)
    {
        var options = new SamplingOptions { Temperature = temperature, TopP = topP, TopLogProbs = topLogProbs, FrequencyPenalty = penalty, Seed = 9 };
        var sampler = new TokenSampler(options, 8);

        Assert.Equal(isFirst, sampler.TakesFirstCandidate);
        Assert.False(new TokenSampler(options with { LogitBias = new Dictionary<int, float> { [3] = 1 } }, 8).TakesFirstCandidate);
        if (!isFirst)
        {
            Assert.Throws<InvalidOperationException>(() => sampler.QueryAhead(5));
            return;
        }

        var row = new SplitRow(s_row, [0, 8]);
        for (int length = 1; length < 50; length++)
        {
            CandidateQuery query = sampler.QueryAhead(length);
            Assert.Equal(sampler.Query(new int[length], 1) with { RequestedIds = query.RequestedIds }, query);
            RankCandidates[] answer = row.Answer(query);
            Assert.Equal(answer[0].CandidateIds.Span[0], sampler.Sample(query, answer).Token.TokenId);
        }
    }

    [Fact]
    public void DrawsFollowTheSoftmax()
    {
        const int Draws = 40_000;
        var sampler = new TokenSampler(new() { Temperature = 1.25f, Seed = 2024 }, 8);
        var split = new SplitRow(s_row, [0, 2, 5, 8]);
        int[] counts = new int[8];
        int[] text = new int[Draws];
        for (int position = 1; position <= Draws; position++)
        {
            CandidateQuery query = sampler.Query(text.AsSpan(0, position), 1);
            counts[sampler.Sample(query, split.Answer(query)).Token.TokenId]++;
        }

        double[] mass = [.. s_row.Select(logit => Math.Exp(logit / 1.25))];
        double chiSquare = 0;
        for (int id = 0; id < 8; id++)
        {
            double expected = Draws * mass[id] / mass.Sum();
            chiSquare += (counts[id] - expected) * (counts[id] - expected) / expected;
        }
        Assert.InRange(chiSquare, 0.6, 24.3); // 0.1 % of true draws are below, 0.1 % above, at 7 degrees of freedom
    }

    [Fact]
    public void TheSeedDecidesTheText()
    {
        int[] Text(ulong seed)
        {
            var sampler = new TokenSampler(new() { Seed = seed, TopP = 0.95f }, 8);
            var tokens = new List<int> { 0 };
            for (int i = 0; i < 30; i++) tokens.Add(new SplitRow(s_row, [0, 5, 8]).Sample(sampler, [.. tokens], 1, out _).Token.TokenId);
            return [.. tokens];
        }

        Assert.Equal(Text(1), Text(1));
        Assert.NotEqual(Text(1), Text(2));
    }

    [Fact]
    public void WithoutASeedOneIsDrawnAndCanBeContinuedWith()
    {
        var first = new TokenSampler(new(), 8);
        Assert.NotEqual(first.Seed, new TokenSampler(new(), 8).Seed);

        var split = new SplitRow(s_row, [0, 4, 8]);
        var second = new TokenSampler(new() { Seed = first.Seed }, 8);
        for (int length = 1; length < 20; length++)
            Assert.Equal(split.Sample(first, new int[length], 1, out _).Token, split.Sample(second, new int[length], 1, out _).Token);
    }

    [Fact]
    public void OnlyTokensThatAPenaltyOrABiasCanChangeAreRequested()
    {
        int[] Requested(SamplingOptions options) => new TokenSampler(options, 8).Query([5, 2, 5, 7, 3, 3], 3).RequestedIds.ToArray();

        Assert.Empty(Requested(new()));
        Assert.Equal([2, 3, 5, 7], Requested(new() { RepetitionPenalty = 1.2f }));
        Assert.Equal([3, 7], Requested(new() { PresencePenalty = 1 }));
        Assert.Equal([3, 7], Requested(new() { FrequencyPenalty = 1 }));
        Assert.Equal([3], Requested(new() { RepetitionPenalty = 1.2f, PenaltyWindow = 2 }));
        Assert.Empty(Requested(new() { RepetitionPenalty = 1.2f, PenaltyWindow = 0 }));
        Assert.Equal([1, 3, 6, 7], Requested(new() { PresencePenalty = 1, LogitBias = new Dictionary<int, float> { [6] = 1, [1] = 2, [3] = 1 } }));
    }

    [Fact]
    public void CommonSamplingAllocatesNothing()
    {
        SamplingOptions[] all = [new() { Temperature = 0 }, new() { Seed = 5 }, new() { Seed = 5, RepetitionPenalty = 1.1f, PresencePenalty = 0.2f }];
        foreach (SamplingOptions options in all)
        {
            var sampler = new TokenSampler(options, 8);
            int[] text = [1, 2, 3, 1, 2, 6, 7, 7, 0, 4, 5, 6, 1, 1, 1];
            RankCandidates[][] answers = new RankCandidates[text.Length + 1][];
            for (int length = 1; length <= text.Length; length++)
                answers[length] = new SplitRow(s_row, [0, 4, 8]).Answer(sampler.Query(text.AsSpan(0, length), 2));
            Run(); // warm-up

            long before = GC.GetAllocatedBytesForCurrentThread();
            Run();
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

            void Run()
            {
                for (int length = 1; length <= text.Length; length++)
                    Assert.True(sampler.Sample(sampler.Query(text.AsSpan(0, length), 2), answers[length]).IsChosen);
            }
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void ALogitThatIsNoNumberIsReported(float logit)
    {
        foreach (SamplingOptions options in (SamplingOptions[])[new() { Temperature = 0 }, new(), new() { TopK = 4 }])
        {
            var sampler = new TokenSampler(options, 4);
            CandidateQuery query = sampler.Query([0], 1);
            RankCandidates answer = new(1, 1, new[] { 2, 0 }, new[] { logit, 1 }, default, default);
            Assert.Contains("token 2", Assert.Throws<SamplingException>(() => sampler.Sample(query, [answer])).Message, StringComparison.Ordinal);

            answer = new(1, logit, new[] { 2, 0, 1 }, new[] { 3f, 1, 0 }, new[] { 3 }, new[] { 0f }); // one that was not returned
            CandidateQuery requesting = query with { RequestedIds = new[] { 3 } };
            Assert.Contains("sum", Assert.Throws<SamplingException>(() => sampler.Sample(requesting, [answer])).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ARankThatIsMissingIsNoticed()
    {
        var filtered = new TokenSampler(new() { TopP = 0.9f }, 8);
        CandidateQuery query = filtered.Query([0], 1);
        RankCandidates[] answers = new SplitRow(s_row, [0, 4, 8]).Answer(query);
        Assert.Throws<SamplingException>(() => filtered.Sample(query, answers.AsSpan(0, 1)));

        var penalized = new TokenSampler(new() { RepetitionPenalty = 1.3f }, 8);
        query = penalized.Query([0, 5], 1);
        answers = new SplitRow(s_row, [0, 4, 8]).Answer(query);
        Assert.Throws<SamplingException>(() => penalized.Sample(query, answers.AsSpan(0, 1)));
        Assert.Throws<SamplingException>(() => new TokenSampler(new(), 8).Sample(new TokenSampler(new(), 8).Query([0], 1), []));
    }

    [Fact]
    public void ScoringGivesTargetsAndTopTokens()
    {
        CandidateQuery query = CandidateQuery.ForScoring(3, 2, new[] { 1, 5 });
        RankCandidates[] answers = new SplitRow(s_row, [0, 3, 8]).Answer(query);

        double total = Math.Log(s_row.Sum(logit => Math.Exp(logit)));
        Assert.Equal(total, LogProbs.LogSumExp(answers), 1e-5);
        Assert.Equal(-3 - total, LogProbs.OfRequested(answers, 5), 1e-5);
        Assert.Equal([1, 3], LogProbs.Top(answers, 2).Select(token => token.TokenId));
        Assert.Throws<SamplingException>(() => LogProbs.OfRequested(answers, 6));
    }
}
