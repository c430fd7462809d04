using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Cluster.Coordinator.Security;
using Cluster.Model.Folders;

namespace Cluster.Coordinator.Commands;

/// <summary>Whether the cluster talks over TLS, and where its authority and tokens are.</summary>
internal sealed class SecurityOptionSet
{
    private readonly Option<DirectoryInfo?> _stateFolder = StateFolderOption();
    private readonly Option<OnOff?> _clusterTls = ArgumentParsers.Switch(
        "--cluster-tls", "Workers join with tokens and talk over mutual TLS [default: on where other machines can reach --cluster-listen]");

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

    /// <param name="parse">The command line.</param>
    /// <param name="listen">Where workers join.</param>
    /// <param name="insecure">What the user wants unprotected.</param>
    /// <param name="warn">Told, loudly, of what is.</param>
    /// <returns>Null for plain text.</returns>
    /// <exception cref="UsageException">The options contradict each other, or leave open what other machines can reach.</exception>
    public SecurityFolder? Read(ParseResult parse, IPEndPoint listen, InsecureMode insecure, Action<string> warn)
    {
        var tls = parse.GetValue(_clusterTls);
        var isForced = insecure == InsecureMode.Forced;
        var isReachable = !IPAddress.IsLoopback(listen.Address);
        if (tls == OnOff.On && isForced) throw new UsageException("--cluster-tls on and --insecure=force contradict each other");
        if (tls == OnOff.Off && isReachable && !isForced) throw new UsageException($"other machines can reach --cluster-listen {listen}: --cluster-tls off needs --insecure=force");
        if (tls == OnOff.On || (isReachable && !isForced)) return Folder(parse.GetValue(_stateFolder));
        if (isReachable) warn($"INSECURE: whoever reaches {listen} can join as a worker; workers and coordinator talk in plain text, which can be read and changed on the way");
        return null;
    }

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
