using System.CommandLine;
using System.Text.Json;
using Cluster.Coordinator.Clients;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster workers</c>: the workers of a running coordinator, and an operator's verbs for them.</summary>
internal sealed class WorkersCommand(Terminal terminal)
{
    private readonly ServerAddressOptionSet _server = new();
    private readonly Argument<string> _name = new("NAME") { Description = "The worker, as 'cluster workers list' names it" };
    private readonly Option<bool> _json = new("--json") { Description = "Print the coordinator's JSON and nothing else" };
    private readonly Option<bool> _now = new("--now") { Description = "Do not wait until it is in no plan: texts pause as when a worker is lost" };

    public Command Build()
    {
        var list = new Command("list", "List workers: state, device, memory, rank and layers, address, time of a question there and back") { _json };
        list.SetAction(ListAsync);
        var remove = Verb("remove", "Drain a worker and refuse its return until it is restored", parse => parse.GetValue(_now) ? "remove?now=true" : "remove");
        remove.Add(_now);
        var command = new Command("workers", "List, drain and remove the workers of a running 'cluster serve'")
        {
            list,
            Verb("drain", "Have a worker leave without dropping a request, as SIGTERM does", static _ => "drain"),
            remove,
            Verb("restore", "Let a worker that was removed join again", static _ => "restore"),
        };
        foreach (var verb in command.Subcommands) _server.AddTo(verb);

        // In the coordinator's folder, not at its API: whoever may use that may not do this.
        command.Add(new WorkersRevokeCommand(terminal).Build());
        return command;
    }

    private Command Verb(string name, string description, Func<ParseResult, string> action)
    {
        var command = new Command(name, description) { _name };
        command.SetAction((parse, cancellationToken) => ActAsync(parse, action(parse), cancellationToken));
        return command;
    }

    private async Task<int> ListAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        using var server = _server.Open(parse);
        var body = await server.SendAsync(HttpMethod.Get, "cluster/workers", cancellationToken).ConfigureAwait(false);
        if (parse.GetValue(_json)) terminal.Out.WriteLine(body);
        else WorkersReport.Write(Read(server, body, "workers"), terminal.Out);
        return ExitCodes.Success;
    }

    private async Task<int> ActAsync(ParseResult parse, string action, CancellationToken cancellationToken)
    {
        using var server = _server.Open(parse);
        var name = Uri.EscapeDataString(parse.GetRequiredValue(_name));
        var body = await server.SendAsync(HttpMethod.Post, $"cluster/workers/{name}/{action}", cancellationToken).ConfigureAwait(false);
        terminal.Out.WriteLine(Read(server, body, "message").GetString());
        return ExitCodes.Success;
    }

    private static JsonElement Read(ServerClient server, string body, string property)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.GetProperty(property).Clone();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ServerException($"{server.Server} does not answer as a coordinator does");
        }
    }
}
