using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Cluster.Model.Sharding;

/// <summary>A plan, or every reason why there is none.</summary>
public sealed record ShardPlanResult
{
    private ShardPlanResult(ShardPlan? plan, ImmutableArray<ShardPlanRefusal> refusals)
    {
        Plan = plan;
        Refusals = refusals;
    }

    [MemberNotNullWhen(true, nameof(Plan))]
    public bool IsPlanned => Plan is not null;

    public ShardPlan? Plan { get; }

    /// <summary>Empty exactly when there is a plan.</summary>
    public ImmutableArray<ShardPlanRefusal> Refusals { get; }

    internal static ShardPlanResult Planned(ShardPlan plan) => new(plan, []);

    internal static ShardPlanResult Refused(ImmutableArray<ShardPlanRefusal> refusals) => new(null, refusals);
}
