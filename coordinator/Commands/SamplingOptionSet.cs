using System.CommandLine;
using Cluster.Model.Sampling;

namespace Cluster.Coordinator.Commands;

/// <summary>The options of a generation: how tokens are chosen.</summary>
internal sealed class SamplingOptionSet
{
    private readonly Option<float?> _temperature = ArgumentParsers.Number("--temperature", "X", "0 is greedy [default: 0.8]");
    private readonly Option<int?> _topK = ArgumentParsers.WholeNumber("--top-k", "N", "Keep the N most probable tokens; 0 keeps all [default: 40]", 0);
    private readonly Option<float?> _topP = ArgumentParsers.Number(
        "--top-p", "X", "Keep the most probable tokens that together reach this probability [default: 0.95]");
    private readonly Option<float?> _minP = ArgumentParsers.Number(
        "--min-p", "X", "Keep tokens at least this times as probable as the best [default: 0]");
    private readonly Option<float?> _repetition = ArgumentParsers.Number(
        "--repetition-penalty", "X", "Divides the logits of tokens in the text [default: 1]");
    private readonly Option<float?> _presence = ArgumentParsers.Number(
        "--presence-penalty", "X", "Taken from the logits of tokens that were generated [default: 0]");
    private readonly Option<float?> _frequency = ArgumentParsers.Number(
        "--frequency-penalty", "X", "The same for each time that they were [default: 0]");
    private readonly Option<ulong?> _seed = ArgumentParsers.Seed("--seed", "The same seed gives the same text on every split, with f32 on the wire [default: random]");

    public void AddTo(Command command)
    {
        foreach (Option option in (ReadOnlySpan<Option>)[_temperature, _topK, _topP, _minP, _repetition, _presence, _frequency, _seed])
            command.Add(option);
    }

    /// <exception cref="UsageException">A value is out of range.</exception>
    public SamplingOptions Read(ParseResult parse)
    {
        var options = new SamplingOptions
        {
            Temperature = parse.GetValue(_temperature) ?? 0.8f,
            TopK = parse.GetValue(_topK) ?? 40,
            TopP = parse.GetValue(_topP) ?? 0.95f,
            MinP = parse.GetValue(_minP) ?? 0,
            RepetitionPenalty = parse.GetValue(_repetition) ?? 1,
            PresencePenalty = parse.GetValue(_presence) ?? 0,
            FrequencyPenalty = parse.GetValue(_frequency) ?? 0,
            Seed = parse.GetValue(_seed),
        };
        return options.Validate(int.MaxValue) is [var error, ..] ? throw new UsageException(error.Message) : options;
    }
}
