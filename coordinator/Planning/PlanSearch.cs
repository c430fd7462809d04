using Cluster.Coordinator.Membership;

namespace Cluster.Coordinator.Planning;

/// <summary>Finds a plan for whoever is there: the split that is wanted, else the one with the most ranks that fits.</summary>
internal static class PlanSearch
{
    /// <param name="snapshot">Who there is.</param>
    /// <param name="model">The model to spread.</param>
    /// <param name="wanted">How it is to be spread, if possible.</param>
    /// <param name="version">The new plan's version, higher than any before.</param>
    /// <returns>A plan, or why there is none of the split that is wanted.</returns>
    public static PlanResult Find(MembershipSnapshot snapshot, ModelFacts model, PlanOptions wanted, long version)
    {
        var result = ClusterPlanner.Plan(snapshot, model, wanted, version);
        if (result.IsPlanned) return result;

        for (var ranks = Math.Min(snapshot.Members.Length, wanted.TensorParallel * wanted.Pipeline); ranks > 0; ranks--)
        {
            // Ranks that share each layer answer sooner than stages that wait for each other.
            for (var tensorParallel = ranks; tensorParallel > 0; tensorParallel--)
            {
                if (ranks % tensorParallel != 0) continue;
                // Shares were given for ranks that are not these.
                var split = wanted with { TensorParallel = tensorParallel, Pipeline = ranks / tensorParallel, Shares = [] };
                if (ClusterPlanner.Plan(snapshot, model, split, version) is { IsPlanned: true } smaller) return smaller;
            }
        }

        return result;
    }
}
