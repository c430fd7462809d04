using System.Collections.Immutable;
using Cluster.Coordinator.Membership;
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
        var refusals = ImmutableArray.CreateBuilder<PlanRefusal>();
        var split = ShardPlanBuilder.Build(
            model.Config, options.TensorParallel, options.Pipeline, TensorCuts.FeedForwardUnit(model.Config, model.Tensors), version,
            options.Shares.AsSpan());
        foreach (var refusal in split.Refusals) refusals.Add(new PlanRefusal(PlanRefusalReason.Split, refusal.Message));

        var ranks = (long)options.TensorParallel * options.Pipeline;
        if (ranks > snapshot.Members.Length)
            refusals.Add(new(PlanRefusalReason.Workers, $"tensor-parallel {options.TensorParallel} × {options.Pipeline} stages needs {ranks} workers, there are {snapshot.Members.Length}"));
        foreach (var type in options.CacheFormats.Select(format => format.KeyType).Distinct()) CheckCacheFormat(type, "keys");
        foreach (var type in options.CacheFormats.Select(format => format.ValueType).Distinct()) CheckCacheFormat(type, "values");
        if (options.ContextLength is { } context && (context < 1 || context > model.Config.ContextLength))
            refusals.Add(new(PlanRefusalReason.Context, $"a context of {context} tokens was asked for, the model has {model.Config.ContextLength}"));
        if (!split.IsPlanned || refusals.Count > 0) return PlanResult.Refused(refusals.ToImmutable());

        return Place(snapshot, model, options, split.Plan);

        void CheckCacheFormat(TensorType type, string what)
        {
            var trait = TensorTraits.Get(type);
            if (model.Config.HeadDim % trait.BlockSize != 0)
                refusals.Add(new(PlanRefusalReason.CacheFormat, $"{trait.Name} blocks of {trait.BlockSize} do not divide the head dimension {model.Config.HeadDim}: choose another type for cached {what}"));
        }
    }

    private static PlanResult Place(MembershipSnapshot snapshot, ModelFacts model, PlanOptions options, ShardPlan plan)
    {
        var workers = snapshot.Members.Sort(ByName)[..plan.WorldSize];
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
        });
    }

    /// <summary>By name, and worker-2 before worker-10, so that a cluster gets the same plan whoever joined first.</summary>
    private static int ByName(Member a, Member b) =>
        a.Name.Length != b.Name.Length ? a.Name.Length.CompareTo(b.Name.Length) : string.CompareOrdinal(a.Name, b.Name);
}
