using System.Diagnostics;

namespace Cluster.IntegrationTests.Faults.Harness;

/// <summary>A worker that the coordinator did not start.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private static readonly string s_program = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Cluster.Coordinator", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "worker", "cluster-worker"));

    private readonly Process _process;

    /// <param name="prefix">What it is started by, if anything.</param>
    /// <param name="arguments">Its own.</param>
    public WorkerProcess(IEnumerable<string> prefix, params string[] arguments)
    {
        string[] line = [.. prefix, s_program, .. arguments];
        _process = Process.Start(new ProcessStartInfo(line[0], line[1..]))!;
    }

    public int Id => _process.Id;

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}
