using System.CommandLine;
using Cluster.Coordinator.Security;
using Cluster.Protos.Security;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster workers revoke NAME</c>: puts a worker out of a cluster that talks over TLS.</summary>
internal sealed class WorkersRevokeCommand(Terminal terminal)
{
    private readonly Argument<string> _name = new("NAME") { Description = "The worker's name" };
    private readonly Option<bool> _lift = new("--lift") { Description = "Let it join again, with a new certificate; those that it had stay revoked" };
    private readonly Option<DirectoryInfo?> _stateFolder = SecurityOptionSet.StateFolderOption();

    public Command Build()
    {
        var command = new Command("revoke", "Refuse a worker from now on, whatever it shows; a coordinator that runs puts it out within a second") { _name, _lift, _stateFolder };
        command.SetAction(Revoke);
        return command;
    }

    private int Revoke(ParseResult parse)
    {
        var name = parse.GetRequiredValue(_name);
        if (!PeerName.IsWorkerName(name)) throw new UsageException($"'{name}' is no name of a worker with a certificate");

        var store = new RevocationStore(SecurityOptionSet.Folder(parse.GetValue(_stateFolder)), TimeProvider.System);
        if (!parse.GetValue(_lift)) store.Revoke(name);
        else if (!store.Lift(name)) throw new ClusterException($"the worker '{name}' is not revoked");
        terminal.Error.WriteLine(parse.GetValue(_lift) ? $"'{name}' may join again, with a join token." : $"'{name}' is revoked.");
        return ExitCodes.Success;
    }
}
