using System.CommandLine;
using System.Globalization;
using Cluster.Coordinator.Api.Keys;
using Cluster.Coordinator.Security;
using Cluster.Protos.Security;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster join-token</c>: what lets workers into a cluster that talks over TLS.</summary>
internal sealed class JoinTokenCommand(Terminal terminal)
{
    private static readonly TimeSpan s_life = TimeSpan.FromHours(24);

    private readonly Option<DirectoryInfo?> _stateFolder = SecurityOptionSet.StateFolderOption();
    private readonly Option<TimeSpan?> _expires = ArgumentParsers.Parsed<TimeSpan>(
        "--expires", "TIME", "How long workers may use it [default: 24h]", "a time such as 30m, 24h or 7d", Duration.Parse);

    private readonly Option<int?> _uses = ArgumentParsers.WholeNumber("--uses", "N", "Workers that it lets in at most [default: no limit]");
    private readonly Option<string?> _name = new("--name") { Description = "What it is for, for lists and logs", HelpName = "TEXT" };
    private readonly Option<FileInfo?> _file = new("--file") { Description = "File to write it to, for its owner alone [default: print it]", HelpName = "FILE" };
    private readonly Argument<string> _id = new("ID") { Description = "The token's id, as 'cluster join-token list' shows it" };

    public Command Build()
    {
        var create = new Command("create", "Print a fresh token, once; only its hash is kept") { _expires, _uses, _name, _file, _stateFolder };
        create.SetAction(Create);
        var list = new Command("list", "List tokens, without their secrets") { _stateFolder };
        list.SetAction(List);
        var revoke = new Command("revoke", "Let nobody in by a token any more; who is in stays") { _id, _stateFolder };
        revoke.SetAction(Revoke);
        return new Command("join-token", "Make, list and revoke the tokens that workers join with, on the coordinator's machine") { create, list, revoke };
    }

    private int Create(ParseResult parse)
    {
        var label = parse.GetValue(_name);
        if (label is not null && !ApiKeyFormat.IsName(label)) throw new UsageException($"'{label}' is no name for a token: up to 64 ASCII letters, digits, '.', '_' and '-'");

        var folder = SecurityOptionSet.Folder(parse.GetValue(_stateFolder));
        var authority = new AuthorityStore(folder, TimeProvider.System).Open().Present;
        var token = new JoinTokenStore(folder, TimeProvider.System).Create(
            authority.Pin, parse.GetValue(_expires) ?? s_life, parse.GetValue(_uses), label);
        if (parse.GetValue(_file) is { } file)
        {
            SecretFile.Write(file.FullName, token.Reveal() + "\n");
            terminal.Error.WriteLine($"Join token {token.Id} is in {file.FullName}.");
        }
        else
        {
            terminal.Out.WriteLine(token.Reveal());
            terminal.Error.WriteLine("This token is not shown again. Put it into a file that only the worker reads: cluster-worker --join-token-file FILE");
        }

        return ExitCodes.Success;
    }

    private int List(ParseResult parse)
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var entry in Store(parse).List())
        {
            var uses = entry.UsesLeft?.ToString(CultureInfo.InvariantCulture) ?? "any";
            terminal.Out.WriteLine($"{entry.Id}  {(entry.IsUsable(now) ? "until" : "ended")} {JoinTokenFormat.Time(entry.Expires)}  uses left: {uses}{(entry.Label is { } label ? $"  {label}" : "")}");
        }

        return ExitCodes.Success;
    }

    private int Revoke(ParseResult parse)
    {
        var id = parse.GetRequiredValue(_id);

        // The whole token is not repeated, should somebody give it here.
        if (!JoinToken.IsId(id)) throw new UsageException("ID is the token's first part, 12 hexadecimal digits");
        if (!Store(parse).Revoke(id)) throw new ClusterException($"there is no join token {id}");
        terminal.Error.WriteLine($"Join token {id} lets nobody in any more. 'cluster workers revoke NAME' puts out who came by it.");
        return ExitCodes.Success;
    }

    private JoinTokenStore Store(ParseResult parse) => new(SecurityOptionSet.Folder(parse.GetValue(_stateFolder)), TimeProvider.System);
}
