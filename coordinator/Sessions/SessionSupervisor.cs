using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Resilience;

namespace Cluster.Coordinator.Sessions;

/// <summary>
/// Keeps an engine in ranks: plans over whoever is there, loads, and again when a worker is lost, wants to leave, or can be used better.
/// </summary>
/// <param name="membership">Who there is.</param>
/// <param name="choice">Who is planned with, and how.</param>
/// <param name="engine">Goes from session to session.</param>
/// <param name="load">Loads a plan's shards and gives them to the engine.</param>
/// <param name="expel">Ends the membership of a worker that hangs.</param>
/// <param name="observer">Told of it all.</param>
/// <param name="time">The clock.</param>
internal sealed class SessionSupervisor(
    IMembership membership, PlanChoice choice, InferenceEngine engine, Func<ClusterPlan, CancellationToken, Task<ModelSession>> load,
    Action<Member> expel, ISessionObserver observer, TimeProvider time)
{
    /// <summary>How long after a failed step it may take until a worker is known to be lost.</summary>
    private static readonly TimeSpan s_noticePatience = TimeSpan.FromSeconds(1);

    private readonly Replanning _replanning = new(membership, choice, engine, time);
    private ModelSession? _session;
    private TimeSpan _loadTime;
    private Task _closing = Task.CompletedTask;

    /// <summary>Serves until it is to end.</summary>
    /// <param name="draining">Cancelled when only what is under way is still of interest: workers are replaced when they are lost, but not otherwise.</param>
    /// <param name="ending">Ends it.</param>
    /// <exception cref="ClusterException">There is no first plan, or its shards could not be loaded.</exception>
    public async Task RunAsync(CancellationToken draining, CancellationToken ending)
    {
        try
        {
            var failures = 0;
            for (var version = 1; ; version++)
            {
                var seen = membership.Current.Version;
                var plan = version == 1 ? choice.First(membership.Current) : await choice.WhenPossibleAsync(membership, version, ending).ConfigureAwait(false);
                observer.Planned(plan);
                if (await TryLoadAsync(plan, ending).ConfigureAwait(false))
                {
                    failures = 0;
                    observer.Serving(_session!);
                    observer.Interrupted(await UntilReplacedAsync(_session!, draining, ending).ConfigureAwait(false));
                    _closing = CloseAsync(_closing, _session!);
                    _session = null;
                }
                else
                {
                    await ForAnotherTryAsync(seen, ++failures, ending).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            if (_session is not null) await _session.DisposeAsync().ConfigureAwait(false);
            await _closing.ConfigureAwait(false);
        }
    }

    /// <summary>What is lost is closed while the next plan is made: a worker that does not answer takes its time.</summary>
    private static async Task CloseAsync(Task before, ModelSession session)
    {
        await session.DisposeAsync().ConfigureAwait(false);
        await before.ConfigureAwait(false);
    }

    private async Task<bool> TryLoadAsync(ClusterPlan plan, CancellationToken ending)
    {
        var started = time.GetTimestamp();
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(ending);
        var loading = load(plan, giveUp.Token);
        var lost = membership.WhenAsync(snapshot => !plan.Workers.All(snapshot.Includes), giveUp.Token);
        try
        {
            await Task.WhenAny(loading, lost).ConfigureAwait(false);
            if (!loading.IsCompleted) await giveUp.CancelAsync().ConfigureAwait(false);
            _session = await loading.ConfigureAwait(false);
            _loadTime = time.GetElapsedTime(started);
            return true;
        }
        catch (ShardLoadingException e) when (plan.Version > 1)
        {
            choice.Avoid(e.Workers);
            observer.Interrupted(e.Message);
        }
        catch (OperationCanceledException) when (!ending.IsCancellationRequested)
        {
            observer.Interrupted("a worker was lost while the model was loaded");
        }
        finally
        {
            await giveUp.CancelAsync().ConfigureAwait(false);
            await ((Task)lost).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    private async Task ForAnotherTryAsync(ulong seen, int failures, CancellationToken ending)
    {
        using var patience = new CancellationTokenSource(CoordinatorPolicies.BeforeAnotherLoad(failures), time);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ending, patience.Token);
        await ((Task)membership.NewerThanAsync(seen, enough.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ending.ThrowIfCancellationRequested();
    }

    /// <returns>Why the session serves no longer; the engine has let go of it.</returns>
    private async Task<string> UntilReplacedAsync(ModelSession session, CancellationToken draining, CancellationToken ending)
    {
        Task resumed = session.Plan.Version == 1 ? Task.Delay(Timeout.InfiniteTimeSpan, ending) : session.Resumed;
        while (true)
        {
            using var turn = CancellationTokenSource.CreateLinkedTokenSource(ending);
            var replanned = _replanning.RunAsync(session.Plan, draining, turn.Token);
            await Task.WhenAny(session.Failed, replanned, resumed).ConfigureAwait(false);
            await turn.CancelAsync().ConfigureAwait(false);
            var reason = await replanned.ConfigureAwait(false);
            ending.ThrowIfCancellationRequested();
            if (resumed == session.Resumed && resumed.IsCompleted)
            {
                observer.Recovered(new RecoveryTimes(await session.Resumed.ConfigureAwait(false), _loadTime));
                resumed = Task.Delay(Timeout.InfiniteTimeSpan, ending);
            }

            if (!session.Failed.IsCompleted)
            {
                if (reason is not null) return reason;
                continue;
            }

            var failure = await session.Failed.ConfigureAwait(false);
            if (failure.Kind == StepFailureKind.StepOverdue) return await ExpelHungAsync(session, failure).ConfigureAwait(false);
            if (failure.Kind == StepFailureKind.WorkerLost) await UntilNoticedAsync(session.Plan.Workers[failure.Rank], ending).ConfigureAwait(false);
            return failure.Message;
        }
    }

    /// <summary>A heart that beats keeps no worker whose device hangs: it is no member until it can unload its shard, and then joins again by itself.</summary>
    private async Task<string> ExpelHungAsync(ModelSession session, StepFailure failure)
    {
        var hung = await session.FindHungAsync().ConfigureAwait(false);
        foreach (var worker in hung) expel(worker);

        return hung.IsEmpty ? failure.Message : $"{failure.Message}; {string.Join(", ", hung.Select(worker => $"'{worker.Name}'"))} hangs and is given up";
    }

    /// <summary>A broken stream of steps is mostly a dead worker's, whose membership ends at the same moment: it is not planned with again.</summary>
    private async Task UntilNoticedAsync(Member worker, CancellationToken ending)
    {
        using var patience = new CancellationTokenSource(s_noticePatience, time);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(ending, patience.Token);
        await ((Task)membership.WhenAsync(snapshot => !snapshot.Includes(worker), enough.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ending.ThrowIfCancellationRequested();
    }
}
