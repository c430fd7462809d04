using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning.Costs;
using Cluster.Model.Sharding;

namespace Cluster.Coordinator.Planning.Search;

/// <summary>What is the same for all splits of one search.</summary>
internal sealed class SearchContext
{
    private readonly Dictionary<Member, double> _capacities = [];
    private readonly Dictionary<int, double> _imbalances = [];

    /// <param name="tokens">Tokens that the cache has to hold at least.</param>
    public SearchContext(ModelFacts model, PlanOptions options, StepShape step, long tokens)
    {
        (Model, Options, Step, Tokens) = (model, options, step, tokens);
        Costs = new ModelCosts(model, options.CacheFormat);
        Predictor = new StepPredictor(model, options.Wire, options.Links);
        FeedForwardUnit = TensorCuts.FeedForwardUnit(model.Config, model.Tensors);

        var all = Costs.Of(Whole);
        Body = Costs.Of(Whole with { IsFirstStage = false, IsLastStage = false, Vocabulary = default });
        Head = all with
        {
            WeightBytes = all.WeightBytes - Body.WeightBytes,
            EmbeddingRowBytes = 0,
            KvBytesPerToken = 0,
            LayerMultiplyAdds = 0,
            AttentionMultiplyAdds = 0,
        };
    }

    public ModelFacts Model { get; }

    public PlanOptions Options { get; }

    /// <summary>The step that decides.</summary>
    public StepShape Step { get; }

    public long Tokens { get; }

    public ModelCosts Costs { get; }

    public StepPredictor Predictor { get; }

    public int FeedForwardUnit { get; }

    public int Layers => Model.Config.LayerCount;

    /// <summary>All layers, on one rank.</summary>
    public RankCost Body { get; }

    /// <summary>The head alone.</summary>
    public RankCost Head { get; }

    /// <summary>Bytes of a layer's weights and of the cache that has to be.</summary>
    public double LayerBytes => (Body.WeightBytes + (double)Tokens * Body.KvBytesPerToken) / Layers;

    private Shard Whole => Build(1, 1, [])!.Shards[0];

    public ShardPlan? Build(int tensorParallel, int pipeline, ReadOnlySpan<double> shares) =>
        ShardPlanBuilder.Build(Model.Config, tensorParallel, pipeline, FeedForwardUnit, 1, shares).Plan;

    /// <summary>Bytes that a worker has for weights and cache.</summary>
    public double Capacity(Member member)
    {
        if (_capacities.TryGetValue(member, out var known)) return known;

        var need = new MemoryNeed(member, Model.Config);
        need.Add(member, Whole, new ShardSize { WeightBytes = 0, EmbeddingBytes = 0, KvBytesPerToken = 0 }, Options);
        var free = need.CacheBytes(Options with { KvMemoryBytes = null }) ?? long.MaxValue / 4;
        return _capacities[member] = free;
    }

    /// <summary>How much more than its part the busiest of so many like ranks has to do, since heads and blocks are not cut.</summary>
    public double Imbalance(int ranks)
    {
        if (_imbalances.TryGetValue(ranks, out var known)) return known;

        var most = Build(ranks, 1, []) is { } plan ? plan.Shards.Max(shard => Costs.Of(shard).WeightBytes) : long.MaxValue;
        return _imbalances[ranks] = (double)most * ranks / (Body.WeightBytes + Head.WeightBytes);
    }
}
