using System.CommandLine;
using System.Net;
using Cluster.Coordinator.Api;
using Cluster.Model.ChatTemplates;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster serve</c>: a coordinator with an HTTP API, until it is told to end.</summary>
internal sealed class ServeCommand(Terminal terminal)
{
    private const int DefaultMaxSequences = 64;
    private const int DefaultMaxQueue = 256;
    private const int DefaultRecoverySeconds = 60;

    /// <summary>How long requests wait for other workers when some are lost.</summary>
    public static readonly TimeSpan DefaultRecovery = TimeSpan.FromSeconds(DefaultRecoverySeconds);

    private static readonly IPEndPoint s_api = new(IPAddress.Loopback, 8080);
    private static readonly IPEndPoint s_cluster = new(IPAddress.Loopback, 7070);

    private readonly ModelOptionSet _model = new();
    private readonly LocalWorkerOptionSet _localWorkers = new("Worker processes to start on this machine [default: 0]", 0);
    private readonly Option<int?> _workers = ArgumentParsers.WholeNumber("--workers", "N", "Workers to wait for, local ones included [default: what the split needs]");
    private readonly Option<IPEndPoint?> _listen = ArgumentParsers.Listen("--listen", $"Where the HTTP API listens [default: {s_api}]");
    private readonly Option<int?> _port = ArgumentParsers.WholeNumber("--port", "N", "Only the port of --listen", 0, IPEndPoint.MaxPort);
    private readonly Option<IPEndPoint?> _clusterListen = ArgumentParsers.Listen("--cluster-listen", $"Where workers join [default: {s_cluster}]");
    private readonly Option<int?> _maxSequences = ArgumentParsers.WholeNumber(
        "--max-sequences", "N", $"Requests that share a step at most [default: {DefaultMaxSequences}]", most: 4096);

    private readonly Option<int?> _maxQueue = ArgumentParsers.WholeNumber(
        "--max-queue", "N", $"Texts that wait beyond --max-sequences; further requests are refused [default: {DefaultMaxQueue}]", 0, 1 << 20);

    private readonly Option<int?> _requestTimeout = ArgumentParsers.WholeNumber(
        "--request-timeout", "SECONDS", "How long a request may take, waiting included [default: no limit]", most: 7 * 24 * 3600);

    private readonly Option<FileInfo?> _apiKeys = new("--api-keys")
    {
        Description = "File of the API keys that clients need; 'cluster keys create' adds one [default: none is needed]",
        HelpName = "FILE",
    };

    private readonly Option<long?> _maxRequestBytes = ArgumentParsers.Size(
        "--max-request-bytes", $"The largest body of a request [default: {ApiOptions.DefaultMaxRequestBytes >> 20}MiB]");

    private readonly TelemetryOptionSet _telemetry = new();
    private readonly Option<int?> _recoveryTimeout = ArgumentParsers.WholeNumber(
        "--recovery-timeout", "SECONDS", $"How long requests wait for other workers when some are lost; 0 to end them at once [default: {DefaultRecoverySeconds}]",
        least: 0, most: 86400);

    private readonly Option<bool> _insecure = new("--insecure") { Description = "Let workers and coordinator talk without TLS: they always do so far" };

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
        command.Add(_listen);
        command.Add(_port);
        command.Add(_clusterListen);
        command.Add(_maxSequences);
        command.Add(_apiKeys);
        command.Add(_maxQueue);
        command.Add(_requestTimeout);
        command.Add(_maxRequestBytes);
        command.Add(_recoveryTimeout);
        command.Add(_slotFolder);
        command.Add(_chatTemplate);
        _telemetry.AddTo(command);
        command.Add(_insecure);
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

        var listen = parse.GetValue(_listen) ?? s_api;
        return new ServeOptions
        {
            ModelPath = _model.ModelPath(parse),
            Workers = split.Workers,
            LocalWorkers = local == 0 ? null : _localWorkers.Options(parse, local),
            Plan = _model.Plan(parse, split, scheduling),
            Scheduling = scheduling,
            SlotFolder = slotFolder?.FullName,
            ChatTemplate = parse.GetValue(_chatTemplate),
            Api = new ApiOptions
            {
                Listen = parse.GetValue(_port) is { } port ? new IPEndPoint(listen.Address, port) : listen,
                KeyFile = parse.GetValue(_apiKeys)?.FullName,
                Log = line => terminal.Error.WriteLine(line),
                MaxRequestBytes = parse.GetValue(_maxRequestBytes) ?? ApiOptions.DefaultMaxRequestBytes,
                MaxTexts = scheduling.MaxSequences + (parse.GetValue(_maxQueue) ?? DefaultMaxQueue),
                RequestTimeout = parse.GetValue(_requestTimeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            },
            Otlp = _telemetry.Read(parse),
            RecoveryTimeout = TimeSpan.FromSeconds(parse.GetValue(_recoveryTimeout) ?? DefaultRecoverySeconds),
            ClusterListen = parse.GetValue(_clusterListen) ?? s_cluster,
        };
    }
}
