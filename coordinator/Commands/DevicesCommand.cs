using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using Cluster.Coordinator.LocalWorkers;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster devices</c>: the devices that workers on this machine could compute with, as the worker program finds them.</summary>
internal sealed class DevicesCommand(Terminal terminal)
{
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object" };

    public Command Build()
    {
        var command = new Command("devices", "List the devices of this machine that workers can compute with") { _json };
        command.SetAction((parse, cancellationToken) => RunAsync(parse.GetValue(_json), cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(bool json, CancellationToken cancellationToken)
    {
        try
        {
            var start = WorkerProgram.Find(LocalWorkerOptions.DefaultProgramFolder);
            start.ArgumentList.Add("devices");
            if (json) start.ArgumentList.Add("--json");
            start.RedirectStandardOutput = true;
            using var process = Process.Start(start)!;
            await terminal.Out.WriteAsync(await process.StandardOutput.ReadToEndAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return process.ExitCode;
        }
        catch (Exception e) when (e is FileNotFoundException or Win32Exception)
        {
            throw new LocalWorkerException($"devices cannot be listed: {e.Message}");
        }
    }
}
