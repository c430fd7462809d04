using System.CommandLine;
using System.Net;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Clients;

namespace Cluster.Coordinator.Commands;

/// <summary>The options of commands that talk to a server: one that runs, or one that they start themselves.</summary>
internal sealed class ServerOptionSet(Terminal terminal)
{
    private static readonly Uri s_default = new("http://127.0.0.1:8080");

    private readonly Option<Uri?> _url = ArgumentParsers.Url("--url", $"Server with OpenAI's API [default: {s_default.OriginalString}, if no option asks for a server of its own]");
    private readonly Option<FileInfo?> _apiKeyFile = new("--api-key-file") { Description = "File whose first line is the server's API key", HelpName = "FILE" };
    private readonly ModelOptionSet _model = new();
    private readonly LocalWorkerOptionSet _localWorkers = new("Start a server with so many worker processes [default with --model: 1]", 1);

    public void AddTo(Command command)
    {
        command.Add(_url);
        command.Add(_apiKeyFile);
        _model.AddTo(command);
        _localWorkers.AddTo(command);
    }

    /// <summary>The server, started where that was asked for.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="maxSequences">Requests that a server of its own lets share a step.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="UsageException">Both were asked for.</exception>
    public async Task<ServerConnection> OpenAsync(ParseResult parse, int maxSequences, CancellationToken cancellationToken)
    {
        var url = parse.GetValue(_url);
        if (!_model.IsGiven(parse) && _localWorkers.Count(parse) is null) return new ServerConnection(new CompletionClient(url ?? s_default, ReadKey(parse)), null);
        if (url is not null) throw new UsageException("--url names a server that runs; --model and --local-workers start one");

        var server = await LocalServer.StartAsync(terminal, Options(parse, maxSequences), cancellationToken).ConfigureAwait(false);
        return new ServerConnection(new CompletionClient(server.Address, null), server);
    }

    private ServeOptions Options(ParseResult parse, int maxSequences)
    {
        var split = _model.Split(parse, _localWorkers.Count(parse), defaultWorkers: 1);
        var scheduling = _model.Scheduling(parse, maxSequences);
        return new ServeOptions
        {
            ModelPath = _model.ModelPath(parse),
            Workers = split.Workers,
            LocalWorkers = _localWorkers.Options(parse, split.Workers),
            Plan = _model.Plan(parse, split, scheduling),
            Scheduling = scheduling,
            SlotFolder = null,
            ChatTemplate = null,
            Api = new ApiOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) },
            RecoveryTimeout = ServeCommand.DefaultRecovery,
            ClusterListen = new IPEndPoint(IPAddress.Loopback, 0),
        };
    }

    private string? ReadKey(ParseResult parse)
    {
        if (parse.GetValue(_apiKeyFile) is not { } file) return null;
        var key = File.ReadLines(file.FullName).FirstOrDefault()?.Trim();
        return string.IsNullOrEmpty(key) ? throw new UsageException($"--api-key-file needs a file whose first line is a key: {file.FullName} has none") : key;
    }
}
