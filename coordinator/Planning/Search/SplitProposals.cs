using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning.Costs;

namespace Cluster.Coordinator.Planning.Search;

/// <summary>Estimates every number of stages and of ranks in each, for each order of workers, and keeps those that may be best.</summary>
internal static class SplitProposals
{
    /// <summary>Of all proposals, from the fastest on.</summary>
    private const int MostKept = 40;

    public static List<SplitProposal> Of(IReadOnlyList<Member[]> orders, SearchContext context)
    {
        var all = new List<SplitProposal>();
        foreach (var order in orders)
        {
            for (var ranks = 1; ranks <= Math.Min(order.Length, context.Model.Config.HeadCount); ranks++)
            {
                StageGroup[] groups = [.. order.Chunk(ranks).Where(workers => workers.Length == ranks).Take(context.Layers).Select(workers => new StageGroup(workers, context))];
                for (var stages = 1; stages <= groups.Length; stages++)
                {
                    if (Propose(groups[..stages], context) is { } proposal) all.Add(proposal);
                }
            }
        }

        // Stable: of equal ones the first order's with the fewest workers.
        return [.. all.OrderBy(proposal => proposal.Seconds).Take(MostKept)];
    }

    private static SplitProposal? Propose(StageGroup[] stages, SearchContext context)
    {
        // The head is the last stage's: that is to be a fast one.
        if (stages[0].LayerSeconds * ShareFilling.EvenWithin < stages[^1].LayerSeconds) Array.Reverse(stages);
        if (StageLayers.Of(stages, context) is not { } layers) return null;

        var seconds = stages[^1].HeadSeconds + StepPredictor.StepOverheadSeconds;
        for (var i = 0; i < stages.Length; i++)
        {
            seconds += layers[i] * stages[i].LayerSeconds;
            if (i > 0) seconds += context.Predictor.HandOver(stages[i - 1].Workers, stages[i].Workers, context.Step);
        }

        return new SplitProposal(stages, layers, seconds);
    }
}
