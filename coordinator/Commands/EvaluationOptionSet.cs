using System.CommandLine;
using Cluster.Coordinator.Evaluation;

namespace Cluster.Coordinator.Commands;

/// <summary>The options of commands that score a text.</summary>
internal sealed class EvaluationOptionSet
{
    private const int DefaultContext = 512;

    private readonly Argument<FileInfo> _model = new("MODEL") { Description = "GGUF file" };
    private readonly Option<FileInfo> _file = new("--file", "-f") { Description = "Text to score", HelpName = "TEXT", Required = true };
    private readonly Option<int?> _context = ArgumentParsers.WholeNumber(
        "--context", "N", $"Tokens of a window; predictions in its second half are scored [default: {DefaultContext}]", TextWindows.SmallestContext);
    private readonly Option<int?> _chunks = ArgumentParsers.WholeNumber("--chunks", "N", "Windows to score at most [default: the whole text]");
    private readonly SpreadOptionSet _spread = new();
    private readonly LocalWorkerOptionSet _workers = new("Worker processes to start [default: 1, or what the split needs]", 1);
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object and nothing else" };

    public void AddTo(Command command)
    {
        command.Add(_model);
        command.Add(_file);
        command.Add(_context);
        command.Add(_chunks);
        _spread.AddTo(command);
        _workers.AddTo(command);
        command.Add(_json);
    }

    /// <summary>All but the formats of the caches.</summary>
    public EvaluationOptions Read(ParseResult parse)
    {
        var split = _spread.Split(parse, _workers.Count(parse), defaultWorkers: 1);
        var scheduling = _spread.Scheduling(parse, maxSequences: 1);
        var context = parse.GetValue(_context) ?? DefaultContext;
        return new EvaluationOptions
        {
            ModelPath = parse.GetRequiredValue(_model).FullName,
            TextPath = parse.GetRequiredValue(_file).FullName,
            Context = context,
            Chunks = parse.GetValue(_chunks),
            Workers = _workers.Options(parse, split.Workers),
            Plan = _spread.Plan(parse, split, scheduling) with { ContextLength = context },
            Scheduling = scheduling,
            Json = parse.GetValue(_json),
        };
    }
}
