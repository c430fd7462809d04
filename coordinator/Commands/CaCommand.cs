using System.CommandLine;
using Cluster.Coordinator.Security;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster ca</c>: replaces the cluster's authority while the cluster serves.</summary>
internal sealed class CaCommand(Terminal terminal)
{
    private readonly Option<DirectoryInfo?> _stateFolder = SecurityOptionSet.StateFolderOption();
    private readonly Option<bool> _now = new("--now") { Description = "Even if workers may still have certificates of the old one: those need a join token" };

    public Command Build()
    {
        var show = new Command("show", "Show the authority and, while it is replaced, the next") { _stateFolder };
        show.SetAction(Show);
        var rotate = new Command("rotate", "Make the next authority: both count, and workers get certificates of the next one by themselves") { _stateFolder };
        rotate.SetAction(Rotate);
        var retire = new Command("retire", "Put the next authority in the old one's place, which counts no more; so do its join tokens") { _now, _stateFolder };
        retire.SetAction(Retire);
        return new Command("ca", "Replace the authority of a cluster that talks over TLS, on the coordinator's machine") { show, rotate, retire };
    }

    private int Show(ParseResult parse)
    {
        var authorities = Store(parse).Read();
        terminal.Out.WriteLine($"{Describe(authorities.Present)}  vouches for the coordinator, is named by join tokens{(authorities.Next is null ? ", signs workers' certificates" : "")}");
        if (authorities.Next is { } next)
            terminal.Out.WriteLine($"{Describe(next)}  signs workers' certificates since {JoinTokenFormat.Time(next.Created)}; 'cluster ca retire' from {JoinTokenFormat.Time(AuthorityStore.RetirementOf(next))} on");
        return ExitCodes.Success;
    }

    private int Rotate(ParseResult parse)
    {
        var next = Store(parse).Rotate().Signing;
        terminal.Error.WriteLine($"Authority {next.Pin.ClusterId} signs workers' certificates from now on; workers that are in get theirs within seconds, others when they come.");
        terminal.Error.WriteLine($"'cluster ca retire' ends the old one, from {JoinTokenFormat.Time(AuthorityStore.RetirementOf(next))} on.");
        return ExitCodes.Success;
    }

    private int Retire(ParseResult parse)
    {
        var present = Store(parse).Retire(parse.GetValue(_now)).Present;
        var tokens = new JoinTokenStore(SecurityOptionSet.Folder(parse.GetValue(_stateFolder)), TimeProvider.System).RevokeAll();
        terminal.Error.WriteLine($"Only authority {present.Pin.ClusterId} counts from now on.");
        if (tokens > 0) terminal.Error.WriteLine($"Join tokens named the old one: {tokens} that could still be used let nobody in any more; 'cluster join-token create' makes new ones.");
        return ExitCodes.Success;
    }

    private static string Describe(ClusterAuthority authority) => $"{authority.Pin.ClusterId}  until {JoinTokenFormat.Time(authority.End)}";

    private AuthorityStore Store(ParseResult parse) => new(SecurityOptionSet.Folder(parse.GetValue(_stateFolder)), TimeProvider.System);
}
