using System.CommandLine;
using System.Net;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster run PROMPT</c>: one text, over worker processes that live as long as it takes.</summary>
internal sealed class RunCommand(Terminal terminal)
{
    private const int DefaultWorkers = 2;
    private const int DefaultMaxTokens = 128;

    private readonly Argument<string> _prompt = new("PROMPT") { Description = "Text to continue; the texts of special tokens stand for these tokens" };
    private readonly ModelOptionSet _model = new();
    private readonly SamplingOptionSet _sampling = new();
    private readonly LocalWorkerOptionSet _workers = new("Worker processes to start [default: 2]", 1);
    private readonly Option<int?> _maxTokens = ArgumentParsers.WholeNumber("--max-tokens", "N", $"Tokens to generate at most [default: {DefaultMaxTokens}]");
    private readonly Option<FileInfo?> _load = new("--load-kv") { Description = "Restore the KV cache of a text from this file first", HelpName = "FILE" };
    private readonly Option<FileInfo?> _save = new("--save-kv") { Description = "Save the KV cache of prompt and answer to this file at the end", HelpName = "FILE" };
    private readonly Option<bool> _ignoreEnd = new("--ignore-eos") { Description = "Go on after the end of the text, for measurements" };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object with tokens, text and measurements, and nothing else" };

    public Command Build()
    {
        var command = new Command("run", "Continue a text on workers started for it on this machine") { _prompt };
        _model.AddTo(command);
        _workers.AddTo(command);
        command.Add(_maxTokens);
        _sampling.AddTo(command);
        command.Add(_load);
        command.Add(_save);
        command.Add(_ignoreEnd);
        command.Add(_json);
        command.SetAction((parse, cancellationToken) => new RunSession(terminal, Read(parse)).RunAsync(cancellationToken));
        return command;
    }

    private RunOptions Read(ParseResult parse)
    {
        var split = _model.Split(parse, _workers.Count(parse), DefaultWorkers);
        var scheduling = _model.Scheduling(parse, maxSequences: 1);
        var (load, save) = (parse.GetValue(_load), parse.GetValue(_save));
        if (!scheduling.PrefixCache && (load ?? save) is not null) throw new UsageException("--load-kv and --save-kv need --prefix-cache on");
        if (save?.Directory is { Exists: false } folder) throw new UsageException($"--save-kv needs a folder that exists, not '{folder.FullName}'");

        return new RunOptions
        {
            Prompt = parse.GetRequiredValue(_prompt),
            ModelPath = _model.ModelPath(parse),
            Workers = _workers.Options(parse, split.Workers),
            Plan = _model.Plan(parse, split, scheduling),
            Scheduling = scheduling,
            Sampling = _sampling.Read(parse),
            MaxTokens = parse.GetValue(_maxTokens) ?? DefaultMaxTokens,
            LoadCachePath = load?.FullName,
            SaveCachePath = save?.FullName,
            IgnoreEndOfText = parse.GetValue(_ignoreEnd),
            Json = parse.GetValue(_json),
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
        };
    }
}
