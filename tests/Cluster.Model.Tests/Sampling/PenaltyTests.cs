using Cluster.Model.Sampling;

namespace Cluster.Model.Tests.Sampling;

public sealed class PenaltyTests
{
    [Fact]
    public void RepetitionDividesPositiveAndMultipliesNegativeLogitsOfPromptAndText()
    {
        var adjuster = new LogitAdjuster(new SamplingOptions { RepetitionPenalty = 2 });
        adjuster.Update([4, 9, 9], 1);

        Assert.Equal(1.5f, adjuster.Adjust(4, 3));
        Assert.Equal(-6, adjuster.Adjust(9, -3)); // once, however often it occurs
        Assert.Equal(3, adjuster.Adjust(5, 3));
    }

    [Fact]
    public void PresenceAndFrequencyCountGeneratedTokensOnly()
    {
        var adjuster = new LogitAdjuster(new SamplingOptions { PresencePenalty = 0.5f, FrequencyPenalty = 0.25f });
        adjuster.Update([4, 4, 9, 9, 9, 6], 2);

        Assert.Equal(1, adjuster.Adjust(4, 1));
        Assert.Equal(1 - 3 * 0.25f - 0.5f, adjuster.Adjust(9, 1));
        Assert.Equal(1 - 0.25f - 0.5f, adjuster.Adjust(6, 1));
    }

    [Fact]
    public void BiasComesBeforeThePenalties()
    {
        var adjuster = new LogitAdjuster(new SamplingOptions
        {
            RepetitionPenalty = 2,
            PresencePenalty = 1,
            LogitBias = new Dictionary<int, float> { [3] = 5, [8] = -2 },
        });
        adjuster.Update([3, 3], 1);

        Assert.Equal((-1 + 5) / 2f - 1, adjuster.Adjust(3, -1));
        Assert.Equal(-1.5f, adjuster.Adjust(8, 0.5f));
    }

    [Fact]
    public void CountsFollowTheWindowAsTheTextGrows()
    {
        var random = new Random(12);
        for (int round = 0; round < 60; round++)
        {
            var options = new SamplingOptions
            {
                RepetitionPenalty = random.Next(2) == 0 ? 1 : 1.5f,
                FrequencyPenalty = 0.5f,
                PenaltyWindow = random.Next(3) switch { 0 => -1, 1 => 5, _ => 33 },
            };
            var adjuster = new LogitAdjuster(options);
            int[] text = [.. Enumerable.Range(0, 100).Select(_ => random.Next(30))];
            int promptLength = random.Next(1, 40);
            for (int length = promptLength; length <= text.Length; length += random.Next(1, 4))
            {
                if (random.Next(20) == 0) length = promptLength; // preempted and begun again
                adjuster.Update(text.AsSpan(0, length), promptLength);
                int start = options.PenaltyWindow < 0 ? 0 : Math.Max(0, length - options.PenaltyWindow);
                for (int id = 0; id < 30; id++)
                {
                    float expected = text.AsSpan(start, length - start).Contains(id) ? 2 / options.RepetitionPenalty : 2;
                    expected -= 0.5f * text.Where((token, i) => token == id && i >= Math.Max(start, promptLength) && i < length).Count();
                    Assert.Equal(expected, adjuster.Adjust(id, 2));
                }
            }
        }
    }
}
