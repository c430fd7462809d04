using System.CommandLine;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Scheduling;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Commands;

/// <summary>The options of every command that spreads a model over workers.</summary>
internal sealed class ModelOptionSet
{
    private readonly Option<FileInfo?> _model = new("--model", "-m") { Description = "GGUF file [default: the sample model]", HelpName = "FILE" };
    private readonly Option<int?> _tensorParallel = ArgumentParsers.WholeNumber(
        "--tensor-parallel", "T", "Workers that share each layer by attention heads [default: all]");
    private readonly Option<int?> _pipeline = ArgumentParsers.WholeNumber("--pipeline", "P", "Stages that the layers are split into [default: 1]");
    private readonly Option<TensorType?> _keyType = ArgumentParsers.OneOf("--kv-type-k", "Format of cached keys [default: q8_0]", CacheTypes.ByName);
    private readonly Option<TensorType?> _valueType = ArgumentParsers.OneOf("--kv-type-v", "Format of cached values [default: q4_0]", CacheTypes.ByName);
    private readonly Option<bool?> _rotation = ArgumentParsers.OneOf(
        "--kv-rotation", "Rotate heads before they are quantized: on or off [default: on]", OnOff.ByName);
    private readonly Option<int?> _edgeLayers = ArgumentParsers.WholeNumber(
        "--kv-edge-layers", "N", "First and last N layers that keep f16 in the cache [default: 0]", least: 0);
    private readonly Option<WireFormat?> _wire = ArgumentParsers.OneOf(
        "--wire", "Format of activations between workers: f32, f16 or q8_0 [default: f32]", WireTypes.ByName);
    private readonly Option<int?> _context = ArgumentParsers.WholeNumber("--context", "N", "Tokens of one sequence at most [default: the model's]");
    private readonly Option<int?> _prefillChunk = ArgumentParsers.WholeNumber(
        "--prefill-chunk", "N", "Prompt tokens that one step takes in at most [default: 512]", most: 1 << 16);
    private readonly Option<bool?> _prefixCache = ArgumentParsers.OneOf(
        "--prefix-cache", "Keep and share the KV cache of texts that begin alike: on or off [default: on]", OnOff.ByName);

    public void AddTo(Command command)
    {
        foreach (Option option in (ReadOnlySpan<Option>)[_model, _tensorParallel, _pipeline, _keyType, _valueType, _rotation, _edgeLayers, _wire, _context, _prefillChunk, _prefixCache])
            command.Add(option);
    }

    public string ModelPath(ParseResult parse) => parse.GetValue(_model)?.FullName ?? SampleModel.Path;

    public SplitOptions Split(ParseResult parse, int? workers, int defaultWorkers) =>
        SplitOptions.Resolve(workers, parse.GetValue(_tensorParallel), parse.GetValue(_pipeline), defaultWorkers);

    public PlanOptions Plan(ParseResult parse, SplitOptions split, SchedulerOptions scheduling) => new()
    {
        TensorParallel = split.TensorParallel,
        Pipeline = split.Pipeline,
        CacheFormat = new KvCacheFormat
        {
            KeyType = parse.GetValue(_keyType) ?? TensorType.Q8_0,
            ValueType = parse.GetValue(_valueType) ?? TensorType.Q4_0,
            Rotation = parse.GetValue(_rotation) ?? true,
            EdgeLayers = parse.GetValue(_edgeLayers) ?? 0,
        },
        Wire = parse.GetValue(_wire) ?? WireFormat.F32,
        ContextLength = parse.GetValue(_context),
        MaxStepTokens = scheduling.MaxStepTokens,
    };

    public SchedulerOptions Scheduling(ParseResult parse, int maxSequences) =>
        new()
        {
            MaxSequences = maxSequences,
            PrefillChunk = parse.GetValue(_prefillChunk) ?? 512,
            PrefixCache = parse.GetValue(_prefixCache) ?? true,
        };
}
