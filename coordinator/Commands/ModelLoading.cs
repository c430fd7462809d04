using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Scheduling;
using Cluster.Coordinator.Sessions;

namespace Cluster.Coordinator.Commands;

/// <summary>Loads a plan's shards and shows how far they are.</summary>
internal static class ModelLoading
{
    /// <param name="terminal">Where the progress is shown.</param>
    /// <param name="showsProgress">Whether it is.</param>
    /// <param name="host">Where the plan's workers are.</param>
    /// <param name="model">What is loaded.</param>
    /// <param name="plan">Over whom.</param>
    /// <param name="scheduling">How the session's engine schedules.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the load.</param>
    /// <exception cref="ClusterException">A shard could not be loaded.</exception>
    public static async Task<ModelSession> RunAsync(
        Terminal terminal, bool showsProgress, ClusterHost host, ServedModel model, ClusterPlan plan, SchedulerOptions scheduling, TimeProvider time,
        CancellationToken cancellationToken)
    {
        host.Models.Offer(model);
        using var progress = ProgressBar.Start(terminal, showsProgress, $"Loading {model.Name} on {plan.Shards.WorldSize} workers");
        return await ModelSession.LoadAsync(
            plan, model, scheduling, host.Membership, load => progress.Report(load.Loaded, load.Total), time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Loads them for an engine that is there already.</summary>
    /// <inheritdoc cref="RunAsync(Terminal, bool, ClusterHost, ServedModel, ClusterPlan, SchedulerOptions, TimeProvider, CancellationToken)"/>
    public static async Task<ModelSession> RunAsync(
        Terminal terminal, ClusterHost host, ServedModel model, ClusterPlan plan, InferenceEngine engine, bool prefixCache, TimeProvider time,
        CancellationToken cancellationToken)
    {
        host.Models.Offer(model);
        using var progress = ProgressBar.Start(terminal, true, $"Loading {model.Name} on {plan.Shards.WorldSize} workers");
        return await ModelSession.LoadAsync(
            plan, model, engine, prefixCache, host.Membership, load => progress.Report(load.Loaded, load.Total), time, cancellationToken).ConfigureAwait(false);
    }
}
