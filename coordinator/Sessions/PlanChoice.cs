using System.Collections.Immutable;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning;

namespace Cluster.Coordinator.Sessions;

/// <summary>Which workers are planned with: not those that want to leave, and those that failed of late only where there is no way without them.</summary>
/// <param name="facts">The model.</param>
/// <param name="wanted">How it is to be spread, if possible.</param>
/// <param name="time">The clock.</param>
internal sealed class PlanChoice(ModelFacts facts, PlanOptions wanted, TimeProvider time)
{
    private static readonly TimeSpan s_avoidance = TimeSpan.FromSeconds(30);

    private readonly Dictionary<Member, long> _avoided = [];

    /// <summary>After so long there may be a better choice although nobody came or went.</summary>
    public TimeSpan StaysFor => _avoided.Count > 0 ? s_avoidance : Timeout.InfiniteTimeSpan;

    /// <summary>The first plan is the one that is wanted.</summary>
    /// <exception cref="ClusterException">There is none; a line for each reason.</exception>
    public ClusterPlan First(MembershipSnapshot snapshot) => ClusterPlanner.Plan(snapshot, facts, wanted, version: 1).Require();

    /// <summary>The best plan for whoever is there; null when there is none.</summary>
    public ClusterPlan? Best(MembershipSnapshot snapshot, long version)
    {
        foreach (var (member, since) in _avoided)
        {
            if (time.GetElapsedTime(since) >= s_avoidance) _avoided.Remove(member);
        }

        var willing = snapshot with { Members = snapshot.Members.RemoveAll(static member => member.IsDraining) };
        var reliable = willing with { Members = willing.Members.RemoveAll(_avoided.ContainsKey) };
        return ClusterPlanner.PlanWhatFits(reliable, facts, wanted, version).Plan ?? ClusterPlanner.PlanWhatFits(willing, facts, wanted, version).Plan;
    }

    /// <summary>As soon as there is one. Those that want to leave and are in no plan may do so.</summary>
    public async Task<ClusterPlan> WhenPossibleAsync(IMembership membership, long version, CancellationToken cancellationToken)
    {
        while (true)
        {
            var snapshot = membership.Current;
            membership.ShutDown(static member => member.IsDraining);
            if (Best(snapshot, version) is { } plan) return plan;
            await membership.NewerThanAsync(snapshot.Version, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>These have just failed.</summary>
    public void Avoid(ImmutableArray<Member> workers)
    {
        foreach (var worker in workers) _avoided[worker] = time.GetTimestamp();
    }
}
