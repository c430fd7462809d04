using System.Diagnostics;

namespace Cluster.IntegrationTests.Faults;

/// <summary>A worker that the coordinator did not start.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private static readonly string s_program = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Cluster.Coordinator", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "worker", "cluster-worker"));

    private readonly Process _process;

    /// <param name="name">The worker's.</param>
    /// <param name="coordinator">HOST:PORT.</param>
    /// <param name="listen">Its own address.</param>
    /// <param name="prefix">What it is started by.</param>
    public WorkerProcess(string name, string coordinator, string listen, params string[] prefix)
    {
        string[] line = [.. prefix, s_program, "--coordinator", coordinator, "--listen", $"{listen}:0", "--name", name, "--threads", "1", "--insecure=force"];
        _process = Process.Start(new ProcessStartInfo(line[0], line[1..]))!;
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}
