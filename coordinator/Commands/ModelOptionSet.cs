using System.CommandLine;
using Cluster.Coordinator.Hub;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Commands;

/// <summary>The options of every command that serves a model from workers.</summary>
internal sealed class ModelOptionSet
{
    private readonly Option<string?> _model = new("--model", "-m")
    {
        Description = "GGUF file, or one that was pulled: hf:OWNER/NAME[:FILE] [default: the sample model]",
        HelpName = "FILE",
    };

    private readonly SpreadOptionSet _spread = new();
    private readonly CacheFormatOptionSet _cacheFormat = new();
    private readonly Option<int?> _context = ArgumentParsers.WholeNumber("--context", "N", "Tokens of one sequence at most [default: the model's]");
    private readonly Option<long?> _kvMemory = ArgumentParsers.Size(
        "--kv-memory", "Memory of each device that the KV cache may take at most [default: what is free]");
    private readonly Option<OnOff?> _prefixCache = ArgumentParsers.Switch(
        "--prefix-cache", "Keep and share the KV cache of texts that begin alike: on or off [default: on]");

    public void AddTo(Command command)
    {
        command.Add(_model);
        _spread.AddTo(command);
        _cacheFormat.AddTo(command);
        command.Add(_context);
        command.Add(_kvMemory);
        command.Add(_prefixCache);
    }

    public bool IsGiven(ParseResult parse) => parse.GetValue(_model) is not null;

    /// <exception cref="ClusterException">It is to be one that was pulled, and was not.</exception>
    public string ModelPath(ParseResult parse) => parse.GetValue(_model) switch
    {
        null => SampleModel.Path,
        var name when HubReference.TryParse(name, out var reference) => PulledModels.Find(reference),
        var file => Path.GetFullPath(file),
    };

    public SplitOptions Split(ParseResult parse, int? workers, int defaultWorkers) => _spread.Split(parse, workers, defaultWorkers);

    public PlanOptions Plan(ParseResult parse, SplitOptions split, SchedulerOptions scheduling) =>
        _spread.Plan(parse, split, scheduling) with
        {
            CacheFormat = _cacheFormat.Read(parse),
            ContextLength = parse.GetValue(_context),
            KvMemoryBytes = parse.GetValue(_kvMemory),
        };

    public SchedulerOptions Scheduling(ParseResult parse, int maxSequences) =>
        _spread.Scheduling(parse, maxSequences) with { PrefixCache = parse.GetValue(_prefixCache) is not OnOff.Off };
}
