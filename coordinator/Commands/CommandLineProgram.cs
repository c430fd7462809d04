using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Net.Sockets;
using Cluster.Coordinator.Clients;
using Cluster.Coordinator.Engine;
using Cluster.Coordinator.LocalWorkers;
using Cluster.Model.Gguf;
using Cluster.Model.KvCache.Files;
using Cluster.Model.Processors;

namespace Cluster.Coordinator.Commands;

/// <summary>The program as the shell sees it: parses, runs, and turns every expected failure into lines on standard error.</summary>
internal static class CommandLineProgram
{
    // A prompt may begin with '@' or hold a bundle-like '-abc': it is text, not a response file or flags.
    private static readonly ParserConfiguration s_parser = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    public static async Task<int> RunAsync(string[] arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        var parse = CommandLineParser.Parse(CommandTree.Build(terminal), arguments, s_parser);
        if (parse is { Errors.Count: > 0, Action: null or ParseErrorAction })
            return Report(terminal, ExitCodes.Usage, $"{OneLine(MostTelling(parse).Message)} (see '{CommandName(parse)} --help')");

        if (parse.GetResult("--device") is OptionResult { Tokens: [{ Value: not "cpu" }, ..] }) PoolThreads.LookOutForLonger();

        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parse.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
        }
        catch (UsageException e)
        {
            return Report(terminal, ExitCodes.Usage, $"{e.Message} (see '{CommandName(parse)} --help')");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception e) when (IsExpected(e))
        {
            return Report(terminal, ExitCodes.Failure, e.Message);
        }
        catch (Exception e)
        {
            // A bug. The user gets a line that names it; what led there is for whoever debugs it.
            return Report(terminal, ExitCodes.Failure, $"internal error: {e.GetType().Name}: {OneLine(e.Message)}");
        }
    }

    /// <summary>A word that is not known explains why something else is missing.</summary>
    private static ParseError MostTelling(ParseResult parse) =>
        parse.Errors.FirstOrDefault(error => parse.UnmatchedTokens.Any(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal))) ?? parse.Errors[0];

    /// <summary>Failures that a user can cause or meet; their messages are written for one.</summary>
    private static bool IsExpected(Exception e) =>
        e is GgufFormatException or KvCacheFileException or ClusterException or LocalWorkerException or EngineException or ServerException or IOException or UnauthorizedAccessException or SocketException;

    private static int Report(Terminal terminal, int exitCode, string message)
    {
        foreach (var line in message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            terminal.Error.WriteLine($"cluster: {line}");
        return exitCode;
    }

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").Trim();

    private static string CommandName(ParseResult parse) =>
        parse.CommandResult.Command is RootCommand ? "cluster" : $"cluster {parse.CommandResult.Command.Name}";
}
