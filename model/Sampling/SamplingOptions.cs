using System.Collections.Immutable;

namespace Cluster.Model.Sampling;

/// <summary>
/// How the next token is chosen. The defaults sample from the model's own distribution.
/// <para>
/// Order: logit bias, repetition penalty, frequency and presence penalties; temperature; top-k; top-p; min-p; then one draw from what is
/// left. Top-p counts mass among the tokens that top-k left; min-p compares with the most probable token.
/// </para>
/// </summary>
public sealed record SamplingOptions
{
    // Below this, dividing by the temperature leaves the range of f32 and the result is the best token anyway.
    private const float SmallestTemperature = 1e-5f;

    /// <summary>What logits are divided by. 0 (in effect: below 1e-5) is greedy: the best token, the lowest id among equals.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Keep this many best tokens; 0 or -1 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Keep the best tokens up to and including the one with which their probability reaches this; 1 keeps all.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Keep tokens at least this times as probable as the best one; 0 keeps all.</summary>
    public float MinP { get; init; }

    /// <summary>
    /// For tokens of prompt and generated text: positive logits are divided by it, others multiplied (CTRL, arXiv:1909.05858); 1 is off.
    /// </summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Taken once from the logits of generated tokens, as OpenAI's API defines it; 0 is off.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Taken from the logits of generated tokens once for each occurrence, as OpenAI's API defines it; 0 is off.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>
    /// How many of the last tokens of the text the penalties look at. -1, the default, is all of them, as clients of OpenAI's API expect.
    /// Each distinct token in the window costs 12 bytes a step on the network while a penalty that looks at it is on.
    /// </summary>
    public int PenaltyWindow { get; init; } = -1;

    /// <summary>One seed gives one text, whatever the split of the model. Null: a random one.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Added to the logits of single tokens, by token id.</summary>
    public IReadOnlyDictionary<int, float>? LogitBias { get; init; }

    /// <summary>How many most probable tokens to report beside the chosen one, with their log-probabilities.</summary>
    public int TopLogProbs { get; init; }

    internal bool IsGreedy => Temperature < SmallestTemperature || TopK == 1;

    internal bool HasFilter => TopK > 0 || TopP < 1 || MinP > 0;

    internal bool PenalizesPrompt => RepetitionPenalty != 1;

    internal bool HasPenalty => PenaltyWindow != 0 && (RepetitionPenalty != 1 || PresencePenalty != 0 || FrequencyPenalty != 0);

    /// <summary>Every value that is out of range, named as in the HTTP API. Empty: the options can be used.</summary>
    /// <param name="vocabularySize">The model's, for <see cref="LogitBias"/>.</param>
    public ImmutableArray<SamplingOptionError> Validate(int vocabularySize)
    {
        var errors = ImmutableArray.CreateBuilder<SamplingOptionError>();
        Check(Temperature is >= 0 and < float.PositiveInfinity, "temperature", $"{Temperature} is not a finite number of at least 0");
        Check(TopK >= -1, "top_k", $"{TopK} is less than -1 (0 or -1 keeps all tokens)");
        Check(TopP is >= 0 and <= 1, "top_p", $"{TopP} is not between 0 and 1");
        Check(MinP is >= 0 and <= 1, "min_p", $"{MinP} is not between 0 and 1");
        Check(RepetitionPenalty is > 0 and < float.PositiveInfinity, "repetition_penalty", $"{RepetitionPenalty} is not a finite number above 0");
        Check(PresencePenalty is >= -2 and <= 2, "presence_penalty", $"{PresencePenalty} is not between -2 and 2");
        Check(FrequencyPenalty is >= -2 and <= 2, "frequency_penalty", $"{FrequencyPenalty} is not between -2 and 2");
        Check(PenaltyWindow >= -1, "penalty_window", $"{PenaltyWindow} is less than -1 (-1 is the whole text)");
        Check(TopLogProbs is >= 0 and <= 20, "top_logprobs", $"{TopLogProbs} is not between 0 and 20");
        if (LogitBias is not null)
        {
            foreach ((int id, float bias) in LogitBias)
            {
                Check(id >= 0 && id < vocabularySize, "logit_bias", $"token id {id} is not in the model's vocabulary of {vocabularySize}");
                Check(bias is >= -100 and <= 100, "logit_bias", $"{bias} for token {id} is not between -100 and 100");
            }
        }
        return errors.ToImmutable();

        void Check(bool isValid, string parameter, FormattableString what)
        {
            if (!isValid) errors.Add(new SamplingOptionError(parameter, $"Invalid '{parameter}': {FormattableString.Invariant(what)}."));
        }
    }
}
