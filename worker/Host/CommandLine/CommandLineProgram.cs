using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using Cluster.Compute.Devices;
using Cluster.Model.Processors;
using Cluster.Worker.Hosting;
using Cluster.Worker.Steps;

namespace Cluster.Worker.CommandLine;

/// <summary>The program as the shell sees it: every expected failure is one line on standard error and a status other than 0.</summary>
internal static class CommandLineProgram
{
    private const int Failure = 1;
    private const int Usage = 2;

    /// <summary>How long a coordinator may take to let the worker go.</summary>
    private static readonly TimeSpan s_drainPatience = TimeSpan.FromSeconds(60);

    // Values are taken as they are: no response files, no bundles of one-letter flags.
    private static readonly ParserConfiguration s_parser = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    /// <param name="arguments">Without the program's name.</param>
    /// <param name="output">Help and version.</param>
    /// <param name="error">Failures and the log.</param>
    /// <param name="run">Runs a worker to its end and returns its exit status. The first token asks it to leave when it can, the second to end at once.</param>
    public static async Task<int> RunAsync(
        string[] arguments, TextWriter output, TextWriter error, Func<WorkerOptions, CancellationToken, CancellationToken, Task<int>> run)
    {
        var endsWithCoordinator = false;
        using var draining = new CancellationTokenSource();
        using var stopping = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

        var parse = CommandLineParser.Parse(new WorkerCommand(Run, output).Root, arguments, s_parser);
        if (parse is { Errors: [var problem, ..], Action: null or ParseErrorAction })
            return Report(Usage, $"{problem.Message} (see 'cluster-worker --help')");

        if (parse.GetResult("--device") is OptionResult { Tokens: [{ Value: not "cpu" }, ..] }) PoolThreads.LookOutForLonger();

        try
        {
            var invocation = new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parse.InvokeAsync(invocation, stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (draining.IsCancellationRequested)
        {
            return 0;
        }
        catch (UsageException e)
        {
            return Report(Usage, $"{e.Message} (see 'cluster-worker --help')");
        }
        catch (Exception e) when (e is WorkerException or DeviceUnavailableException or IOException)
        {
            return Report(Failure, e.Message);
        }
        catch (Exception e)
        {
            return Report(Failure, $"internal error: {e.GetType().Name}: {e.Message}");
        }

        Task<int> Run(WorkerOptions options, CancellationToken stop)
        {
            endsWithCoordinator = options.ExitOnDisconnect;
            return run(options, draining.Token, stop);
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;

            // Ctrl-C reaches all processes of a terminal: a worker that was started by its coordinator leaves it to that one what to make of it.
            if (context.Signal == PosixSignal.SIGINT && endsWithCoordinator) return;

            // A second signal ends it at once, as does a coordinator that takes too long.
            if (draining.IsCancellationRequested) stopping.Cancel();
            else stopping.CancelAfter(s_drainPatience);
            draining.Cancel();
        }

        int Report(int status, string message)
        {
            error.WriteLine($"cluster-worker: {OneLine.Of(message)}");
            return status;
        }
    }
}
