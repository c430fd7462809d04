using System.CommandLine;
using System.Globalization;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Planning.Search;
using Cluster.Coordinator.Scheduling;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Commands;

/// <summary>How a model is spread over workers and how they work together.</summary>
internal sealed class SpreadOptionSet
{
    private readonly Option<int?> _tensorParallel = ArgumentParsers.WholeNumber(
        "--tensor-parallel", "T", "Workers that share each layer by attention heads [default: the planner's choice; all where workers measured nothing]");
    private readonly Option<int?> _pipeline = ArgumentParsers.WholeNumber("--pipeline", "P", "Stages that the layers are split into [default: as --tensor-parallel]");
    private readonly Option<IReadOnlyList<double>?> _shares = SharesOption();
    private readonly Option<PlanObjective?> _objective = ArgumentParsers.OneOf(
        "--objective", "What the planner's choice is to be best at: latency or throughput [default: latency]",
        new Dictionary<string, PlanObjective> { ["latency"] = PlanObjective.Latency, ["throughput"] = PlanObjective.Throughput });

    private readonly Option<WireFormat?> _wire = ArgumentParsers.OneOf(
        "--wire", "Format of activations between workers: f32, f16 or q8_0 [default: f32]", WireTypes.ByName);
    private readonly Option<ChannelKind?> _channel = ArgumentParsers.OneOf(
        "--channel", "What carries activations between workers: socket, grpc as where no socket can be connected, or auto, which is socket except that GPUs of one host sum by NCCL [default: auto]",
        ChannelKinds.ByName);
    private readonly Option<int?> _prefillChunk = ArgumentParsers.WholeNumber(
        "--prefill-chunk", "N", "Prompt tokens that one step takes in at most [default: 512]", most: 1 << 16);

    public void AddTo(Command command)
    {
        foreach (Option option in (ReadOnlySpan<Option>)[_tensorParallel, _pipeline, _shares, _objective, _wire, _channel, _prefillChunk]) command.Add(option);
    }

    public SplitOptions Split(ParseResult parse, int? workers, int defaultWorkers) =>
        SplitOptions.Resolve(workers ?? parse.GetValue(_shares)?.Count, parse.GetValue(_tensorParallel), parse.GetValue(_pipeline), defaultWorkers);

    /// <summary>Of commands that say in another way how many ranks there are.</summary>
    public static Option<IReadOnlyList<double>?> SharesOption() => ArgumentParsers.ValueList<double>(
        "--shares", "SHARE", "How much of the work each rank takes, in any unit, by rank [default: all the same]", "numbers above 0", text =>
            double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share > 0 ? share : null);

    /// <summary>A plan that lacks only what the cache holds.</summary>
    public PlanOptions Plan(ParseResult parse, SplitOptions split, SchedulerOptions scheduling) => new()
    {
        TensorParallel = split.TensorParallel,
        Pipeline = split.Pipeline,
        ChoosesSplit = parse.GetValue(_tensorParallel) is null && parse.GetValue(_pipeline) is null && parse.GetValue(_shares) is null,
        Objective = parse.GetValue(_objective) ?? PlanObjective.Latency,
        Shares = [.. parse.GetValue(_shares) ?? []],
        Wire = parse.GetValue(_wire) ?? WireFormat.F32,
        Channel = parse.GetValue(_channel) ?? ChannelKind.Automatic,
        MaxStepTokens = scheduling.MaxStepTokens,
    };

    public SchedulerOptions Scheduling(ParseResult parse, int maxSequences) =>
        new() { MaxSequences = maxSequences, PrefillChunk = parse.GetValue(_prefillChunk) ?? 512 };
}
