using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning;

namespace Cluster.Coordinator.Sessions;

/// <summary>
/// Finds the moment to replace a plan that works: at the end of a step when one of its workers wants to leave, and when nothing is under way,
/// or has been for long, when more workers can be used.
/// </summary>
internal sealed class Replanning(IMembership membership, PlanChoice choice, InferenceEngine engine, TimeProvider time)
{
    /// <summary>Who comes is used when the cluster has not changed for so long: workers often come together, and some go again at once.</summary>
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(2);

    /// <summary>How long a calm moment is waited for before texts are interrupted for a better plan.</summary>
    private static readonly TimeSpan s_calmPatience = TimeSpan.FromSeconds(60);

    /// <param name="plan">What is loaded.</param>
    /// <param name="draining">Cancelled when it stays loaded whoever comes or wants to leave.</param>
    /// <param name="turn">Ends the search.</param>
    /// <returns>Why the engine has let go of the plan, in one line; null when it has not.</returns>
    public async Task<string?> RunAsync(ClusterPlan plan, CancellationToken draining, CancellationToken turn)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(draining, turn);
        while (!either.IsCancellationRequested)
        {
            var snapshot = membership.Current;
            membership.ShutDown(member => member.IsDraining && !plan.Workers.Any(worker => worker.Name == member.Name));

            using var unchanged = CancellationTokenSource.CreateLinkedTokenSource(either.Token);
            var change = ChangeAsync(snapshot.Version, unchanged);
            var reason = await ReplaceAsync(plan, snapshot, unchanged.Token).ConfigureAwait(false);
            await unchanged.CancelAsync().ConfigureAwait(false);
            await change.ConfigureAwait(false);
            if (reason is not null) return reason;
        }

        // While draining the plan stays until the turn is over.
        await Task.Delay(Timeout.InfiniteTimeSpan, turn).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return null;
    }

    private async Task ChangeAsync(ulong version, CancellationTokenSource unchanged)
    {
        await ((Task)membership.NewerThanAsync(version, unchanged.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await unchanged.CancelAsync().ConfigureAwait(false);
    }

    private async Task<string?> ReplaceAsync(ClusterPlan plan, MembershipSnapshot snapshot, CancellationToken unchanged)
    {
        var best = choice.Best(snapshot, plan.Shards.Version);
        try
        {
            if (plan.Workers.FirstOrDefault(worker => snapshot.Find(worker.Name) is { IsDraining: true }) is { } leaving)
            {
                // Without anybody to take its place it stays for what is under way.
                return await engine.DetachAsync(onlyWhenIdle: best is null, unchanged).ConfigureAwait(false) ? $"worker '{leaving.Name}' drains" : null;
            }

            if (best is not null && best.Shards.WorldSize > plan.Shards.WorldSize)
            {
                await Task.Delay(s_settling, time, unchanged).ConfigureAwait(false);
                if (await DetachSoonAsync(unchanged).ConfigureAwait(false)) return $"{best.Shards.WorldSize} workers can be used";
            }

            await Task.Delay(choice.StaysFor, time, unchanged).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The cluster has changed, or the session ends.
        }

        return null;
    }

    private async Task<bool> DetachSoonAsync(CancellationToken unchanged)
    {
        using var patience = new CancellationTokenSource(s_calmPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(unchanged, patience.Token);
        return await engine.DetachAsync(onlyWhenIdle: true, either.Token).ConfigureAwait(false)
            || (patience.IsCancellationRequested && await engine.DetachAsync(onlyWhenIdle: false, unchanged).ConfigureAwait(false));
    }
}
