using System.CommandLine;
using System.CommandLine.Parsing;
using Cluster.Protos.Security;
using Cluster.Worker.Hosting;
using Cluster.Worker.Security;

namespace Cluster.Worker.CommandLine;

/// <summary>How a worker shows who it is. Secrets come from files, the environment or standard input: a command line can be read by all.</summary>
internal sealed class SecurityOptionSet
{
    private const string TokenVariable = "CLUSTER_JOIN_TOKEN";

    private readonly Option<FileInfo?> _tokenFile = new("--join-token-file")
    {
        Description = $"File with the token that 'cluster join-token create' printed, for the first join [default: the environment's {TokenVariable}]",
        HelpName = "FILE",
    };

    private readonly Option<bool> _identityFromStdin = new("--identity-from-stdin") { Description = "Read certificate, key and authority, PEM, from standard input", Hidden = true };

    private readonly Option<InsecureMode> _insecure = new("--insecure")
    {
        Description = "Talk in plain text, on this machine only; --insecure=force also with others, who can then read and change everything",
        HelpName = "force",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = Parse,
    };

    public void AddTo(Command command)
    {
        command.Add(_tokenFile);
        command.Add(_identityFromStdin);
        command.Add(_insecure);
    }

    /// <exception cref="UsageException">The options do not go together.</exception>
    /// <exception cref="WorkerException">What is there is no token.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public WorkerOptions Read(ParseResult parse, WorkerOptions options)
    {
        options = options with { ReadsIdentity = parse.GetValue(_identityFromStdin), Insecure = parse.GetValue(_insecure) };
        if (options.Insecure == InsecureMode.None) return options with { Token = ReadToken(parse.GetValue(_tokenFile)) };

        if (options.ReadsIdentity || parse.GetValue(_tokenFile) is not null) throw new UsageException("--insecure is for workers without a join token");
        if (options.Insecure == InsecureMode.Loopback && options.IsReachable)
            throw new UsageException("--insecure is for coordinators and workers of this machine: give --join-token-file, or --insecure=force");
        return options;
    }

    private static JoinToken? ReadToken(FileInfo? file)
    {
        var text = file is null ? Environment.GetEnvironmentVariable(TokenVariable) : File.ReadAllText(file.FullName);
        if (file is null && string.IsNullOrEmpty(text)) return null;

        // The text is not repeated: it may be a secret with a slip in it.
        return JoinToken.Parse(text!) ?? throw new WorkerException($"{file?.FullName ?? TokenVariable} holds no join token, as 'cluster join-token create' prints one");
    }

    private static InsecureMode Parse(ArgumentResult result)
    {
        switch (result.Tokens)
        {
            case []: return InsecureMode.Loopback;
            case [{ Value: "force" }]: return InsecureMode.Forced;
            default:
                result.AddError("--insecure stands alone, or is --insecure=force");
                return InsecureMode.None;
        }
    }
}
