using Cluster.Coordinator.Engine.Statistics;
using Cluster.Coordinator.Sessions;

namespace Cluster.Coordinator.Benchmarking;

/// <summary>Has ranks on GPUs time their kernels.</summary>
internal static class KernelMeasurement
{
    private const string Processor = "cpu";

    /// <summary>Whether there is a rank that can.</summary>
    public static bool IsPossible(ModelSession session) => session.Plan.Workers.Any(worker => worker.Device.Id != Processor);

    /// <param name="session">The model.</param>
    /// <param name="run">Runs the steps that are to be timed.</param>
    /// <returns>What kernels took in them, and what the ranks' clocks say to the same steps.</returns>
    public static async Task<(KernelBreakdown Kernels, EngineStatistics Steps)> RunAsync(ModelSession session, Func<Task> run)
    {
        var totals = new KernelTotals(session.Plan.Workers.Length);
        var before = session.Engine.Statistics;
        await TimeAsync(totals).ConfigureAwait(false);
        await run().ConfigureAwait(false);
        await TimeAsync(null).ConfigureAwait(false);
        return (totals.ToBreakdown(), session.Engine.Statistics.Since(before));

        Task TimeAsync(KernelTotals? kernels) => session.Engine.RunBetweenStepsAsync(parts =>
        {
            parts.Steps.Kernels = kernels;
            return ValueTask.CompletedTask;
        });
    }
}
