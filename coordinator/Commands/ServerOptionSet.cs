using System.CommandLine;
using System.Net;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Clients;

namespace Cluster.Coordinator.Commands;

/// <summary>The options of commands that talk to a server: one that runs, or one that they start themselves.</summary>
internal sealed class ServerOptionSet(Terminal terminal)
{
    private readonly ServerAddressOptionSet _address = new("if no option asks for a server of its own");
    private readonly ModelOptionSet _model = new();
    private readonly LocalWorkerOptionSet _localWorkers = new("Start a server with so many worker processes [default with --model: 1]", 1);

    public void AddTo(Command command)
    {
        _address.AddTo(command);
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
        if (!_model.IsGiven(parse) && _localWorkers.Count(parse) is null) return new ServerConnection(new CompletionClient(_address.Open(parse)), null);
        if (_address.IsGiven(parse)) throw new UsageException("--url names a server that runs; --model and --local-workers start one");

        var server = await LocalServer.StartAsync(terminal, Options(parse, maxSequences), cancellationToken).ConfigureAwait(false);
        return new ServerConnection(new CompletionClient(new ServerClient(server.Address, null)), server);
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
}
