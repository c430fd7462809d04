using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning.Costs;
using Cluster.Coordinator.Tests.Fakes;
using Cluster.Model.KvCache;
using Cluster.Model.Sharding;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Tests.Planning.Costs;

public sealed class StepPredictorTests
{
    private static readonly RankCost s_cost = new()
    {
        Stage = 0,
        WeightBytes = 1_000_000_000,
        EmbeddingRowBytes = 100,
        KvBytesPerToken = 1000,
        LayerMultiplyAdds = 1_000_000_000,
        HeadMultiplyAdds = 100_000_000,
        AttentionMultiplyAdds = 10_000,
    };

    [Fact]
    public void Decoding_is_bound_by_what_is_read()
    {
        // 2 texts with 500 tokens each: weights once, two rows of embeddings, a thousand tokens of cache, at 85 % of 10 GB/s.
        var seconds = StepPredictor.ComputeSeconds(s_cost, new DeviceSpeed(10e9, 100e9), StepShape.Decode(2, 499));
        Assert.Equal((1e9 + 200 + 1000 * 1000) / 8.5e9, seconds, 1e-12);
    }

    [Fact]
    public void Prefill_is_bound_by_products()
    {
        // 100 tokens, logits of the last, 1 + … + 100 = 5050 pairs, at half of 100 G a second.
        var seconds = StepPredictor.ComputeSeconds(s_cost, new DeviceSpeed(10e9, 100e9), StepShape.Prefill(100));
        Assert.Equal((100e9 + 0.1e9 + 5050 * 1e4) / 50e9, seconds, 1e-9);
    }

    [Fact]
    public void A_stage_takes_as_long_as_its_slowest_rank_and_its_two_all_reduces_a_layer()
    {
        Member[] workers = [TestMembers.Create("a", 20), TestMembers.Create("b", 10)];
        var (plan, costs) = Split(2, 1);
        var prediction = Predictor().Predict(plan, costs, workers, StepShape.Decode(1, 99));

        double Seconds(int rank) => (costs[rank].WeightBytes + costs[rank].EmbeddingRowBytes + 100.0 * costs[rank].KvBytesPerToken) / (0.85 * workers[rank].Device.ReadBytesPerSecond);
        Assert.Equal(Seconds(1), prediction.Compute, 1e-12);
        Assert.Equal(Seconds(1) - Seconds(0), prediction.Wait, 1e-12);
        Assert.Equal((prediction.Wait, 0), (prediction.Ranks[0].Wait, prediction.Ranks[1].Wait));

        // 8 layers, partials of 512 f32: 100 µs, 2048 bytes at 117 MB/s, a frame of 25 µs, 2048 bytes at 2 GB/s.
        Assert.Equal(16 * (125e-6 + 2048 / 117e6 + 2048 / 2e9), prediction.Wire, 1e-12);
        Assert.Equal(prediction.Compute + prediction.Wire + 0.7e-3, prediction.Total, 1e-12);
    }

    [Fact]
    public void Stages_work_one_after_the_other_and_hand_over_once()
    {
        Member[] workers = [TestMembers.Create("a", 20), TestMembers.Create("b", 10)];
        var (plan, costs) = Split(1, 2);
        var prediction = Predictor().Predict(plan, costs, workers, StepShape.Prefill(4));

        Assert.Equal(prediction.Ranks.Sum(rank => rank.Compute), prediction.Compute, 1e-12);
        Assert.Equal(125e-6 + 4 * 2048 / 117e6 + 4 * 2048 / 2e9, prediction.Wire, 1e-12);
        Assert.Equal(0, prediction.Wait);
    }

    private static StepPredictor Predictor() => new(SampleFacts.Instance, WireFormat.F32, new LinkTable(Link.Gigabit));

    private static (ShardPlan Plan, RankCost[] Costs) Split(int tensorParallel, int pipeline)
    {
        var facts = SampleFacts.Instance;
        var plan = ShardPlanBuilder.Build(facts.Config, tensorParallel, pipeline, TensorCuts.FeedForwardUnit(facts.Config, facts.Tensors), version: 1).Plan!;
        return (plan, [.. plan.Shards.Select(new ModelCosts(facts, new KvCacheFormat()).Of)]);
    }
}
