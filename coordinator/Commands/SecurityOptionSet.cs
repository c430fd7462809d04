using System.CommandLine;
using System.CommandLine.Parsing;
using Cluster.Coordinator.Security;
using Cluster.Model.Folders;

namespace Cluster.Coordinator.Commands;

/// <summary>Whether the cluster talks over TLS, and where its authority and tokens are.</summary>
internal sealed class SecurityOptionSet
{
    private readonly Option<DirectoryInfo?> _stateFolder = StateFolderOption();
    private readonly Option<OnOff?> _clusterTls = ArgumentParsers.Switch(
        "--cluster-tls", "Workers join with tokens and talk over mutual TLS [default: off]");

    public static Option<DirectoryInfo?> StateFolderOption() => new("--state-dir")
    {
        Description = $"Folder of the cluster's authority, join tokens and revocations [default: {StateFolder.Default}]",
        HelpName = "DIR",
    };

    public static Option<InsecureMode> InsecureOption(string description) => new("--insecure")
    {
        Description = description,
        HelpName = "force",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = Parse,
    };

    public static SecurityFolder Folder(DirectoryInfo? given) => new(given?.FullName ?? StateFolder.Default);

    public void AddTo(Command command)
    {
        command.Add(_clusterTls);
        command.Add(_stateFolder);
    }

    /// <returns>Null for plain text.</returns>
    public SecurityFolder? Read(ParseResult parse) => parse.GetValue(_clusterTls) == OnOff.On ? Folder(parse.GetValue(_stateFolder)) : null;

    private static InsecureMode Parse(ArgumentResult result)
    {
        switch (result.Tokens)
        {
            case [] or [{ Value: "true" }]: return InsecureMode.On;
            case [{ Value: "false" }]: return InsecureMode.None;
            case [{ Value: "force" }]: return InsecureMode.Forced;
            default:
                result.AddError("--insecure stands alone, or is --insecure=force");
                return InsecureMode.None;
        }
    }
}
