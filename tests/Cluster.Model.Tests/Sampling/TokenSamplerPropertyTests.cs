using Cluster.Model.Sampling;

namespace Cluster.Model.Tests.Sampling;

/// <summary>Whatever the logits, the options and the split, the token is the one chosen from the whole row.</summary>
public sealed class TokenSamplerPropertyTests
{
    [Fact]
    public void AnySplitChoosesWhatTheWholeRowChooses()
    {
        var random = new Random(31415);
        int furtherRounds = 0;
        for (int round = 0; round < 3000; round++)
        {
            float[] row = Row(random, random.Next(5, 400));
            SamplingOptions options = Options(random, row.Length);
            int[] tokens = Tokens(random, row, random.Next(1, 60));
            int promptLength = random.Next(1, tokens.Length + 1);
            int expected = FullRowSampler.Sample(options, options.Seed!.Value, row, tokens, promptLength);

            int parts = random.Next(1, 6);
            SampleResult result = SplitRow.AtRandom(random, row, parts)
                .Sample(new TokenSampler(options, row.Length), tokens, promptLength, out int rounds);

            Assert.True(expected == result.Token.TokenId, $"round {round}: {expected} expected, {result.Token.TokenId} chosen on {parts} ranks with {options}");
            furtherRounds += rounds - 1;
        }
        Assert.InRange(furtherRounds, 1, 500); // rare, but tested
    }

    [Fact]
    public void AFlatVocabularyNeedsFewFurtherRounds()
    {
        var random = new Random(27182);
        float[] row = [.. Enumerable.Range(0, 20000).Select(_ => (float)Normal(random))];
        SamplingOptions[] all =
        [
            new() { Seed = 1, TopP = 0.9f },
            new() { Seed = 2, TopP = 0.99f, MinP = 0.001f },
            new() { Seed = 3, MinP = 0.05f },
            new() { Seed = 4, TopK = 1000, TopP = 0.5f },
            new() { Seed = 5, TopLogProbs = 5 },
            new() { Seed = 6, TopP = 0.8f, LogitBias = new Dictionary<int, float> { [17] = 10, [18] = -100 } },
        ];
        int mostRounds = 0;
        foreach (SamplingOptions options in all)
        {
            int[] tokens = Tokens(random, row, 20);
            int expected = FullRowSampler.Sample(options, options.Seed!.Value, row, tokens, 10);
            SampleResult result = SplitRow.AtRandom(random, row, 3).Sample(new TokenSampler(options, row.Length), tokens, 10, out int rounds);
            Assert.Equal(expected, result.Token.TokenId);
            if (options.TopLogProbs > 0) Assert.InRange(rounds, 1, 2);
            mostRounds = Math.Max(mostRounds, rounds);
        }
        Assert.InRange(mostRounds, 2, 5);
    }

    [Theory]
    [InlineData(6)]  // five forbidden tokens held a third of the mass: it is subtracted
    [InlineData(40)] // they held all but e^-34 of it: subtracting would leave no digit of the rest
    public void MassOfForbiddenTokensIsTakenOutWithoutLosingDigits(float peak)
    {
        var random = new Random(161);
        for (int round = 0; round < 40; round++)
        {
            float[] row = [.. Enumerable.Range(0, 2000).Select(id => (float)Normal(random) + (id % 400 == 7 ? peak : 0))];
            var bias = Enumerable.Range(0, 5).ToDictionary(i => i * 400 + 7, _ => -100f);
            var options = new SamplingOptions { Seed = (ulong)round, TopP = 0.05f + random.NextSingle() / 2, LogitBias = bias };
            int expected = FullRowSampler.Sample(options, options.Seed.Value, row, [1, 2], 2);
            SampleResult result = SplitRow.AtRandom(random, row, 4).Sample(new TokenSampler(options, row.Length), [1, 2], 2, out _);
            Assert.Equal(expected, result.Token.TokenId);
        }
    }

    [Fact]
    public void LogProbabilitiesAreThoseOfTheModelWhateverTheOptions()
    {
        var random = new Random(577);
        for (int round = 0; round < 500; round++)
        {
            float[] row = Row(random, random.Next(30, 300));
            SamplingOptions options = Options(random, row.Length) with { TopLogProbs = random.Next(0, 6) };
            int[] tokens = Tokens(random, row, 20);
            SampleResult result = SplitRow.AtRandom(random, row, 3).Sample(new TokenSampler(options, row.Length), tokens, 5, out _);

            double best = row.Max();
            double total = best + Math.Log(row.Sum(logit => Math.Exp(logit - best)));
            Assert.Equal(FullRowSampler.Sample(options, options.Seed!.Value, row, tokens, 5), result.Token.TokenId);
            Assert.Equal(row[result.Token.TokenId] - total, result.Token.LogProb, 1e-4);
            int[] top = [.. Enumerable.Range(0, row.Length).OrderByDescending(id => row[id]).ThenBy(id => id).Take(options.TopLogProbs)];
            Assert.Equal(top, result.TopLogProbs.ToArray().Select(token => token.TokenId));
            foreach (TokenLogProb token in result.TopLogProbs.ToArray()) Assert.Equal(row[token.TokenId] - total, token.LogProb, 1e-4);
        }
    }

    private static SamplingOptions Options(Random random, int vocabularySize)
    {
        float Pick(float off, params ReadOnlySpan<float> values) => random.Next(2) == 0 ? off : values[random.Next(values.Length)];
        return new SamplingOptions
        {
            Temperature = Pick(1, 0, 0.1f, 0.7f, 1.3f, 5),
            TopK = (int)Pick(0, 1, 2, 5, 40, 1000),
            TopP = Pick(1, 0, 0.1f, 0.5f, 0.9f, 0.999f),
            MinP = Pick(0, 0.001f, 0.05f, 0.3f, 1),
            RepetitionPenalty = Pick(1, 0.5f, 1.1f, 2),
            PresencePenalty = Pick(0, -1, 0.5f, 2),
            FrequencyPenalty = Pick(0, -0.3f, 0.4f, 2),
            PenaltyWindow = (int)Pick(-1, 0, 4, 16),
            Seed = (ulong)random.NextInt64(),
            LogitBias = random.Next(3) > 0
                ? null
                : Enumerable.Range(0, 4).Select(_ => random.Next(vocabularySize)).Distinct().ToDictionary(id => id, _ => Pick(-100, -3, 2, 100)),
        };
    }

    // Flat, peaked, very peaked; sometimes with many equal logits.
    private static float[] Row(Random random, int size)
    {
        double scale = random.Next(4) switch { 0 => 0.1, 1 => 1, 2 => 3, _ => 12 };
        bool hasTies = random.Next(4) == 0;
        float[] row = new float[size];
        for (int i = 0; i < size; i++)
        {
            double value = Normal(random) * scale;
            row[i] = (float)(hasTies ? Math.Round(value) : value);
        }
        return row;
    }

    // Mostly likely tokens, so that penalties matter.
    private static int[] Tokens(Random random, float[] row, int count)
    {
        int[] likely = [.. Enumerable.Range(0, row.Length).OrderByDescending(id => row[id]).Take(8)];
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(3) > 0 ? likely[random.Next(likely.Length)] : random.Next(row.Length))];
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
