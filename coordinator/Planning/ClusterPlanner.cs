using System.Collections.Immutable;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning.Costs;
using Cluster.Coordinator.Planning.Search;
using Cluster.Model.Formats;
using Cluster.Model.Sharding;

namespace Cluster.Coordinator.Planning;

/// <summary>Decides which worker holds which shard and how many tokens the KV cache holds. Pure: the same input gives the same plan.</summary>
internal static class ClusterPlanner
{
    /// <param name="snapshot">Who there is. Workers beyond those that are needed stay spare.</param>
    /// <param name="model">The model to spread.</param>
    /// <param name="options">How.</param>
    /// <param name="version">The new plan's version, higher than any before.</param>
    public static PlanResult Plan(MembershipSnapshot snapshot, ModelFacts model, PlanOptions options, long version)
    {
        var workers = snapshot.Members.Sort(ByName);
        var faults = Faults(model, options);
        SplitChoice? choice = null;
        if (options.ChoosesSplit && workers.Any(DeviceSpeed.IsKnown) && faults.Count == 0)
        {
            choice = new SplitSearch(model, options).Run(workers);
            workers = choice?.Chosen.Workers ?? workers;
            options = choice is { Chosen: var chosen }
                ? options with { TensorParallel = chosen.Size.TensorParallel, Pipeline = chosen.Size.Pipeline, Shares = chosen.Shares }
                : Widest(model, options, workers.Length);
        }

        var split = ShardPlanBuilder.Build(
            model.Config, options.TensorParallel, options.Pipeline, TensorCuts.FeedForwardUnit(model.Config, model.Tensors), version,
            options.Shares.AsSpan());
        var refusals = ImmutableArray.CreateBuilder<PlanRefusal>();
        foreach (var refusal in split.Refusals) refusals.Add(new PlanRefusal(PlanRefusalReason.Split, refusal.Message));

        var ranks = (long)options.TensorParallel * options.Pipeline;
        if (ranks > workers.Length)
            refusals.Add(new(PlanRefusalReason.Workers, $"tensor-parallel {options.TensorParallel} × {options.Pipeline} stages needs {ranks} workers, there are {workers.Length}"));
        refusals.AddRange(faults);
        return split.IsPlanned && refusals.Count == 0 ? Place(workers, model, options, split.Plan, choice) : PlanResult.Refused(refusals.ToImmutable());
    }

    /// <summary>A plan for whoever is there: the split that is wanted or chosen, else the one with the most ranks that fits.</summary>
    /// <inheritdoc cref="Plan"/>
    /// <returns>A plan, or why there is none of the split that is wanted.</returns>
    public static PlanResult PlanWhatFits(MembershipSnapshot snapshot, ModelFacts model, PlanOptions options, long version)
    {
        var result = Plan(snapshot, model, options, version);
        if (result.IsPlanned) return result;

        foreach (var (tensorParallel, pipeline) in WidestSplits.Of(Math.Min(snapshot.Members.Length, options.TensorParallel * options.Pipeline)))
        {
            // Shares were given for ranks that are not these.
            var split = options with { TensorParallel = tensorParallel, Pipeline = pipeline, Shares = [], ChoosesSplit = false };
            if (Plan(snapshot, model, split, version) is { IsPlanned: true } smaller) return smaller;
        }

        return result;
    }

    /// <summary>What is wrong with the options on any workers.</summary>
    private static List<PlanRefusal> Faults(ModelFacts model, PlanOptions options)
    {
        var faults = new List<PlanRefusal>();
        foreach (var type in options.CacheFormats.Select(format => format.KeyType).Distinct()) CheckCacheFormat(type, "keys");
        foreach (var type in options.CacheFormats.Select(format => format.ValueType).Distinct()) CheckCacheFormat(type, "values");
        if (options.ContextLength is { } context && (context < 1 || context > model.Config.ContextLength))
            faults.Add(new(PlanRefusalReason.Context, $"a context of {context} tokens was asked for, the model has {model.Config.ContextLength}"));
        return faults;

        void CheckCacheFormat(TensorType type, string what)
        {
            var trait = TensorTraits.Get(type);
            if (model.Config.HeadDim % trait.BlockSize != 0)
                faults.Add(new(PlanRefusalReason.CacheFormat, $"{trait.Name} blocks of {trait.BlockSize} do not divide the head dimension {model.Config.HeadDim}: choose another type for cached {what}"));
        }
    }

    /// <summary>The split over as many workers as can have a part, to say what is missing where nothing fits.</summary>
    private static PlanOptions Widest(ModelFacts model, PlanOptions options, int workers)
    {
        var ranks = Math.Min(workers, model.Config.HeadCount);
        return options with { TensorParallel = ranks, Pipeline = Math.Min(workers / ranks, model.Config.LayerCount), Shares = [] };
    }

    private static PlanResult Place(ImmutableArray<Member> members, ModelFacts model, PlanOptions options, ShardPlan plan, SplitChoice? choice)
    {
        var workers = members[..plan.WorldSize];
        var sizes = ImmutableArray.CreateBuilder<ShardSize>(plan.WorldSize);
        var needs = new Dictionary<(string, string), MemoryNeed>();
        foreach (var shard in plan.Shards)
        {
            var worker = workers[shard.Rank];
            var size = ShardSize.Of(model.Config, shard, model.Tensors, options.CacheFormat);
            sizes.Add(size);
            if (!needs.TryGetValue(MemoryNeed.Key(worker), out var need)) needs[MemoryNeed.Key(worker)] = need = new MemoryNeed(worker, model.Config);
            need.Add(worker, shard, size, options);
        }

        var cache = CacheSize.Fit(needs.Values, model.Config.ContextLength, options);
        if (!cache.Refusals.IsEmpty) return PlanResult.Refused(cache.Refusals);

        return PlanResult.Planned(new ClusterPlan
        {
            Shards = plan,
            Workers = workers,
            Sizes = sizes.ToImmutable(),
            Options = options,
            ContextLength = cache.ContextLength,
            BlockCount = cache.BlockCount,
            Choice = choice,
        });
    }

    /// <summary>By name, and worker-2 before worker-10, so that a cluster gets the same plan whoever joined first.</summary>
    private static int ByName(Member a, Member b) =>
        a.Name.Length != b.Name.Length ? a.Name.Length.CompareTo(b.Name.Length) : string.CompareOrdinal(a.Name, b.Name);
}
