namespace Cluster.Coordinator.LocalWorkers;

/// <summary>Worker processes that this program starts on its own machine.</summary>
/// <param name="Count">How many.</param>
/// <param name="Threads">Threads that each computes with.</param>
internal sealed record LocalWorkerOptions(int Count, int Threads)
{
    /// <summary>The folder that holds the worker program; beside this one by default.</summary>
    public string ProgramFolder { get; init; } = Path.Combine(AppContext.BaseDirectory, "worker");
}
