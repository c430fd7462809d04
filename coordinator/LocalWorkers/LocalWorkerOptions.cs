using Cluster.Model.Processors;

namespace Cluster.Coordinator.LocalWorkers;

/// <summary>Worker processes that this program starts on its own machine.</summary>
/// <param name="Count">How many.</param>
/// <param name="Threads">Threads that each computes with.</param>
internal sealed record LocalWorkerOptions(int Count, int Threads)
{
    /// <summary>Beside this program.</summary>
    public static string DefaultProgramFolder { get; } = Path.Combine(AppContext.BaseDirectory, "worker");

    /// <summary>The folder that holds the worker program.</summary>
    public string ProgramFolder { get; init; } = DefaultProgramFolder;

    /// <summary>What the workers compute with: one for all, or one for each.</summary>
    public IReadOnlyList<string> Devices { get; init; } = ["cpu"];

    /// <summary>Makes the identity of the worker of a name, PEM, which it is handed over; null for workers that talk in plain text.</summary>
    public Func<string, string>? CreateIdentity { get; init; }

    /// <summary>Processors that are shared out among them, their threads tied to them; null for those that the system chooses.</summary>
    public CpuList? Cpus { get; init; }
}
