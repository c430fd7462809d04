using System.Diagnostics;
using System.Globalization;
using System.Net;
using Cluster.Model.Processors;

namespace Cluster.Coordinator.LocalWorkers;

/// <summary>One worker process of ours. Its output is kept from our own; the last lines of its errors are remembered.</summary>
internal sealed class LocalWorkerProcess : IDisposable
{
    private readonly Process _process;
    private volatile string _lastError = "";

    private LocalWorkerProcess(string name, Process process)
    {
        Name = name;
        _process = process;
    }

    public string Name { get; }

    public int Id => _process.Id;

    /// <summary>Timestamp of the system's clock.</summary>
    public long Started { get; } = TimeProvider.System.GetTimestamp();

    public bool HasExited => _process.HasExited;

    /// <exception cref="FileNotFoundException">The program is not there.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    public static LocalWorkerProcess Start(
        string name, string device, int threads, CpuList? cpus, IPEndPoint coordinator, string programFolder, string? identity)
    {
        var start = WorkerProgram.Find(programFolder);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        string[] arguments =
        [
            "--coordinator", Near(coordinator).ToString(),
            "--listen", $"{IPAddress.Loopback}:0",
            "--name", name,
            "--device", device,
            "--threads", threads.ToString(CultureInfo.InvariantCulture),
            "--exit-on-disconnect",
        ];
        if (cpus is not null) arguments = [.. arguments, "--cpus", cpus.ToString()];
        if (identity is not null) arguments = [.. arguments, "--identity-from-stdin"];
        else if (!IPAddress.IsLoopback(Near(coordinator).Address)) arguments = [.. arguments, "--insecure=force"];
        start.RedirectStandardInput = identity is not null;
        foreach (var argument in arguments) start.ArgumentList.Add(argument);

        var worker = new LocalWorkerProcess(name, new Process { StartInfo = start });
        worker._process.ErrorDataReceived += (_, line) => worker.Remember(line.Data);
        worker._process.Start();
        worker.Hand(identity);
        worker._process.BeginErrorReadLine();
        worker._process.BeginOutputReadLine();
        return worker;
    }

    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    /// <summary>How it ended, in one line.</summary>
    public string DescribeExit()
    {
        var error = _lastError;
        return $"local worker '{Name}' (process {_process.Id}) ended with exit code {_process.ExitCode}{(error.Length > 0 ? $": {error}" : "")}";
    }

    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself in the meantime.
        }
    }

    public void Dispose() => _process.Dispose();

    /// <summary>Where one that listens everywhere is found from this machine.</summary>
    private static IPEndPoint Near(IPEndPoint listening) =>
        listening.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, listening.Port)
        : listening.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, listening.Port)
        : listening;

    /// <summary>Gives it what nobody else may see, which is neither on its command line nor in a file.</summary>
    private void Hand(string? identity)
    {
        if (identity is null) return;
        try
        {
            using var input = _process.StandardInput;
            input.Write(identity);
        }
        catch (IOException)
        {
            // It has ended already, which is noticed elsewhere.
        }
    }

    private void Remember(string? line)
    {
        if (!string.IsNullOrWhiteSpace(line)) _lastError = line.Trim();
    }
}
