using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Cluster.Coordinator.Planning;

/// <summary>A plan, or every reason why there is none.</summary>
internal sealed record PlanResult(ClusterPlan? Plan, ImmutableArray<PlanRefusal> Refusals)
{
    [MemberNotNullWhen(true, nameof(Plan))]
    public bool IsPlanned => Plan is not null;

    /// <exception cref="ClusterException">There is no plan; a line for each reason.</exception>
    public ClusterPlan Require() => Plan ?? throw new ClusterException(string.Join('\n', Refusals.Select(refusal => refusal.Message)));

    public static PlanResult Planned(ClusterPlan plan) => new(plan, []);

    public static PlanResult Refused(ImmutableArray<PlanRefusal> refusals) => new(null, refusals);
}
