using System.Collections.Immutable;
using System.Globalization;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning.Costs;
using Cluster.Model.Sharding;

namespace Cluster.Coordinator.Planning.Search;

/// <summary>
/// Looks for the split whose steps are predicted to take least, over stages, ranks of each stage, who takes part and unlike shares. Estimates
/// all sizes, predicts the best of them in full. The same workers give the same choice, whatever their order.
/// </summary>
internal sealed class SplitSearch(ModelFacts model, PlanOptions options)
{
    /// <summary>A context that nobody asked for may be as short as this before a split counts as too small.</summary>
    private const int ShortestContext = 512;

    /// <summary>More workers are taken for this much more speed and no less: each is one more that can fail.</summary>
    private const double WorthIt = 1.02;

    private const int TypicalContext = 512, TypicalBatch = 32, TypicalPrompt = 512;

    private const int MostRejected = 8;

    /// <summary>Null when no split fits in memory.</summary>
    public SplitChoice? Run(IReadOnlyList<Member> members)
    {
        var longest = options.ContextLength ?? model.Config.ContextLength;
        var orders = WorkerOrders.Of(members, options.Links);
        foreach (var tokens in (int[])[longest, Math.Min(longest, options.ContextLength ?? ShortestContext)])
        {
            var context = new SearchContext(model, options, Step(longest), tokens);
            var candidates = Candidates(orders, context);
            if (candidates.Exists(candidate => candidate.Problem is null)) return Choose(candidates, members, context);
        }

        return null;
    }

    /// <summary>Predicts one split.</summary>
    private SplitCandidate Evaluate(SearchContext context, ShardPlan plan, ImmutableArray<Member> workers, ImmutableArray<double> shares)
    {
        RankCost[] costs = [.. plan.Shards.Select(context.Costs.Of)];
        return new SplitCandidate
        {
            Shards = plan,
            Workers = workers,
            Shares = shares,
            Decode = context.Predictor.Predict(plan, costs, workers.AsSpan(), context.Step),
            Prefill = context.Predictor.Predict(plan, costs, workers.AsSpan(), StepShape.Prefill(TypicalPrompt)),
            Problem = Problem(context, plan, workers, costs),
        };
    }

    /// <summary>What is predicted of a plan whose split was asked for.</summary>
    public SplitChoice Explain(ClusterPlan plan)
    {
        var context = new SearchContext(model, options, Step(plan.ContextLength), plan.ContextLength);
        ImmutableArray<double> shares = plan.Options.Shares.IsEmpty ? [.. Enumerable.Repeat(1.0, plan.Shards.WorldSize)] : plan.Options.Shares;
        return new SplitChoice
        {
            Chosen = Evaluate(context, plan.Shards, plan.Workers, shares),
            Rejected = [],
            Spares = [],
            Step = context.Step,
            Considered = 1,
        };
    }

    private StepShape Step(int context) => StepShape.Decode(options.Objective == PlanObjective.Throughput ? TypicalBatch : 1, Math.Min(TypicalContext, context - 1));

    private List<SplitCandidate> Candidates(List<Member[]> orders, SearchContext context)
    {
        var candidates = new List<SplitCandidate>();
        foreach (var proposal in SplitProposals.Of(orders, context))
        {
            ImmutableArray<Member> workers = [.. proposal.Stages.SelectMany(stage => stage.Workers)];
            foreach (var shares in proposal.Shares(context)) Add(proposal.TensorParallel, proposal.Stages.Length, workers, [.. shares]);
        }

        // The plainest of all, for comparison: the fastest worker alone, and everybody in one stage or in a row.
        var all = orders[0];
        var heads = Math.Min(all.Length, model.Config.HeadCount);
        foreach (var (ranks, stages) in (ReadOnlySpan<(int, int)>)[(1, 1), (heads, 1), (1, Math.Min(all.Length, context.Layers))])
        {
            if (!candidates.Exists(candidate => candidate.Size == (ranks, stages)))
                Add(ranks, stages, [.. all[..(ranks * stages)]], [.. Enumerable.Repeat(1.0, ranks * stages)]);
        }

        return candidates;

        void Add(int ranks, int stages, ImmutableArray<Member> workers, ImmutableArray<double> shares)
        {
            if (context.Build(ranks, stages, shares.AsSpan()) is { } plan) candidates.Add(Evaluate(context, plan, workers, shares));
        }
    }

    private static SplitChoice Choose(List<SplitCandidate> candidates, IReadOnlyList<Member> members, SearchContext context)
    {
        SplitCandidate[] possible = [.. candidates.Where(candidate => candidate.Problem is null).OrderBy(candidate => candidate.Decode.Total)];
        var chosen = possible.TakeWhile(candidate => candidate.Decode.Total <= possible[0].Decode.Total * WorthIt)
            .OrderBy(candidate => candidate.Workers.Length).ThenBy(candidate => candidate.Decode.Total).First();
        return new SplitChoice
        {
            Chosen = chosen,
            Rejected =
            [
                .. possible.Concat(candidates.Where(candidate => candidate.Problem is not null))
                    .Where(candidate => candidate.Size != chosen.Size || IsEvenForm(candidate, chosen))
                    .DistinctBy(candidate => (candidate.Size, IsEvenForm(candidate, chosen)))
                    .Take(MostRejected).Select(candidate => new RejectedSplit(candidate, SplitReasons.Against(candidate, chosen))),
            ],
            Spares = [.. members.Where(member => !chosen.Workers.Contains(member)).Select(member => new SpareWorker(member, SplitReasons.Spare(member, possible, chosen)))],
            Step = context.Step,
            Considered = candidates.Count,
        };
    }

    /// <summary>Whether it is what was chosen, but for shares all the same.</summary>
    private static bool IsEvenForm(SplitCandidate candidate, SplitCandidate chosen) =>
        candidate.Size == chosen.Size && chosen.IsUneven && !candidate.IsUneven && candidate.Workers.SequenceEqual(chosen.Workers);

    /// <summary>The first device that cannot hold its shards and the context.</summary>
    private string? Problem(SearchContext context, ShardPlan plan, ImmutableArray<Member> workers, RankCost[] costs)
    {
        var needs = new Dictionary<(string, string), MemoryNeed>();
        foreach (var shard in plan.Shards)
        {
            var worker = workers[shard.Rank];
            if (!needs.TryGetValue(MemoryNeed.Key(worker), out var need)) needs[MemoryNeed.Key(worker)] = need = new MemoryNeed(worker, model.Config);
            need.Add(worker, shard, new ShardSize { WeightBytes = costs[shard.Rank].WeightBytes, EmbeddingBytes = 0, KvBytesPerToken = costs[shard.Rank].KvBytesPerToken }, options);
        }

        foreach (var need in needs.Values)
        {
            if (need.TokensIn(options.CacheFormat, options) < context.Tokens)
            {
                return string.Create(CultureInfo.InvariantCulture,
                    $"{need.Member.Name} is too small: {ByteSize.Format(need.FixedBytes)} and a context of {context.Tokens} do not go into {ByteSize.Format(need.FreeBytes ?? 0)}");
            }
        }

        return null;
    }
}
