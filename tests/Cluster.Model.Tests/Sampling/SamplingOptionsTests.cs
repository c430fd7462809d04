using Cluster.Model.Sampling;

namespace Cluster.Model.Tests.Sampling;

public sealed class SamplingOptionsTests
{
    [Fact]
    public void DefaultsAreValid() => Assert.Empty(new SamplingOptions().Validate(100));

    [Fact]
    public void EveryValueOutOfRangeIsNamed()
    {
        var options = new SamplingOptions
        {
            Temperature = float.NaN,
            TopK = -2,
            TopP = 1.5f,
            MinP = -0.1f,
            RepetitionPenalty = 0,
            PresencePenalty = 2.5f,
            FrequencyPenalty = float.NegativeInfinity,
            PenaltyWindow = -2,
            TopLogProbs = 21,
            LogitBias = new Dictionary<int, float> { [100] = 0, [3] = 101, [99] = 1 },
        };

        SamplingOptionError[] errors = [.. options.Validate(100)];

        Assert.Equal(
            ["temperature", "top_k", "top_p", "min_p", "repetition_penalty", "presence_penalty", "frequency_penalty", "penalty_window", "top_logprobs", "logit_bias", "logit_bias"],
            errors.Select(error => error.Parameter));
        Assert.Equal("Invalid 'top_p': 1.5 is not between 0 and 1.", errors[2].Message);
        Assert.Equal("Invalid 'logit_bias': token id 100 is not in the model's vocabulary of 100.", errors[9].Message);
        Assert.Throws<ArgumentException>(() => new TokenSampler(options, 100));
    }
}
