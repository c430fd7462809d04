using System.CommandLine;
using System.Net;
using Cluster.Model.ChatTemplates;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster serve</c>: a coordinator with an HTTP API, until it is told to end.</summary>
internal sealed class ServeCommand(Terminal terminal)
{
    private const int DefaultMaxSequences = 64;
    private const int DefaultRecoverySeconds = 60;

    /// <summary>How long requests wait for other workers when some are lost.</summary>
    public static readonly TimeSpan DefaultRecovery = TimeSpan.FromSeconds(DefaultRecoverySeconds);

    private static readonly IPEndPoint s_cluster = new(IPAddress.Loopback, 7070);

    private readonly ModelOptionSet _model = new();
    private readonly ApiOptionSet _api = new(terminal);
    private readonly LocalWorkerOptionSet _localWorkers = new("Worker processes to start on this machine [default: 0]", 0);
    private readonly Option<int?> _workers = ArgumentParsers.WholeNumber("--workers", "N", "Workers to wait for, local ones included [default: what the split needs]");
    private readonly Option<IPEndPoint?> _clusterListen = ArgumentParsers.Listen("--cluster-listen", $"Where workers join [default: {s_cluster}]");
    private readonly Option<int?> _maxSequences = ArgumentParsers.WholeNumber(
        "--max-sequences", "N", $"Requests that share a step at most [default: {DefaultMaxSequences}]", most: 4096);

    private readonly SecurityOptionSet _security = new();
    private readonly TelemetryOptionSet _telemetry = new();

    private readonly Option<int?> _recoveryTimeout = ArgumentParsers.WholeNumber(
        "--recovery-timeout", "SECONDS", $"How long requests wait for other workers when some are lost; 0 to end them at once [default: {DefaultRecoverySeconds}]",
        least: 0, most: 86400);

    private readonly Option<string?> _chatTemplate = new("--chat-template")
    {
        Description = $"Chat template: {string.Join(", ", BuiltInTemplates.Names)}, or a Jinja file [default: the model's own, else {BuiltInTemplates.Default}]",
        HelpName = "NAME|FILE",
    };

    private readonly Option<DirectoryInfo?> _slotFolder = new("--slot-save-path")
    {
        Description = "Folder that POST /slots/ID?action=save writes to and restore reads from [default: off]",
        HelpName = "DIR",
    };

    public Command Build()
    {
        var command = new Command("serve", "Serve a model over HTTP, on workers that join and on local ones");
        _model.AddTo(command);
        command.Add(_workers);
        _localWorkers.AddTo(command);
        command.Add(_clusterListen);
        _security.AddTo(command);
        command.Add(_maxSequences);
        _api.AddTo(command);
        command.Add(_recoveryTimeout);
        command.Add(_slotFolder);
        command.Add(_chatTemplate);
        _telemetry.AddTo(command);
        command.SetAction((parse, cancellationToken) => new ServeSession(terminal, Read(parse)).RunAsync(cancellationToken));
        return command;
    }

    private ServeOptions Read(ParseResult parse)
    {
        var local = _localWorkers.Count(parse) ?? 0;
        var given = parse.GetValue(_workers) ?? (local > 0 ? local : null);
        var split = _model.Split(parse, given, defaultWorkers: 1);
        if (local > split.Workers) throw new UsageException($"--local-workers {local} is more than --workers {split.Workers}");

        var scheduling = _model.Scheduling(parse, parse.GetValue(_maxSequences) ?? DefaultMaxSequences);
        var slotFolder = parse.GetValue(_slotFolder);
        if (slotFolder is { Exists: false }) throw new UsageException($"--slot-save-path needs a folder that exists, not '{slotFolder.FullName}'");
        if (slotFolder is not null && !scheduling.PrefixCache) throw new UsageException("--slot-save-path needs --prefix-cache on");

        var clusterListen = parse.GetValue(_clusterListen) ?? s_cluster;
        return new ServeOptions
        {
            ModelPath = _model.ModelPath(parse),
            Workers = split.Workers,
            LocalWorkers = local == 0 ? null : _localWorkers.Options(parse, local),
            Plan = _model.Plan(parse, split, scheduling),
            Scheduling = scheduling,
            SlotFolder = slotFolder?.FullName,
            ChatTemplate = parse.GetValue(_chatTemplate),
            Api = _api.Read(parse, scheduling.MaxSequences),
            Otlp = _telemetry.Read(parse),
            RecoveryTimeout = TimeSpan.FromSeconds(parse.GetValue(_recoveryTimeout) ?? DefaultRecoverySeconds),
            ClusterListen = clusterListen,
            Security = _security.Read(parse, clusterListen, _api.Insecure(parse), terminal.Error.WriteLine),
        };
    }
}
