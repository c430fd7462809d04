using Cluster.Coordinator.Membership;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.Sharding;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Planning.Costs;

/// <summary>
/// Predicts how long a step takes: each stage as long as its slowest rank computes and its group exchanges, all stages one after the other.
/// </summary>
internal sealed class StepPredictor(ModelFacts model, WireFormat wireFormat, LinkTable links)
{
    /// <summary>What decoding reaches of the bandwidth that a device measures, and prefill of its products, as <c>cluster bench</c> shows.</summary>
    public const double ReadEfficiency = 0.85, MultiplyEfficiency = 0.5;

    /// <summary>Requests and answers of a step, sampling and scheduling.</summary>
    public const double StepOverheadSeconds = 0.7e-3;

    private readonly WireCost _wire = WireCost.Of(wireFormat);

    /// <summary>Values of a partial for each token.</summary>
    public double PartialValues { get; } = (double)model.Config.HiddenSize * (wireFormat == WireFormat.F32 && HasFloatPartials(model) ? 2 : 1);

    public StepPrediction Predict(ShardPlan plan, ReadOnlySpan<RankCost> costs, ReadOnlySpan<Member> workers, StepShape step)
    {
        var ranks = new RankPrediction[plan.WorldSize];
        double compute = 0, wire = 0;
        for (var stage = 0; stage < plan.PipelineSize; stage++)
        {
            var first = stage * plan.TensorParallelSize;
            var group = workers.Slice(first, plan.TensorParallelSize);
            var exchange = ExchangeSeconds(plan.Shards[first].Layers.Count, group.Length, links.Worst(group), step);
            if (stage > 0) exchange += HandOver(workers.Slice(first - group.Length, group.Length), group, step);

            double slowest = 0;
            for (var i = 0; i < group.Length; i++) slowest = Math.Max(slowest, (ranks[first + i] = new(ComputeSeconds(costs[first + i], DeviceSpeed.Of(group[i]), step), exchange, 0)).Compute);
            foreach (ref var rank in ranks.AsSpan(first, group.Length)) rank = rank with { Wait = slowest - rank.Compute };
            compute += slowest;
            wire += exchange;
        }

        return new StepPrediction { Compute = compute, Wire = wire, Overhead = StepOverheadSeconds, Ranks = [.. ranks] };
    }

    /// <summary>Of one rank.</summary>
    public static double ComputeSeconds(RankCost cost, DeviceSpeed speed, StepShape step)
    {
        var bytes = cost.WeightBytes + (double)step.Tokens * cost.EmbeddingRowBytes + (double)step.CachedTokens * cost.KvBytesPerToken;
        var multiplyAdds = (double)step.Tokens * cost.LayerMultiplyAdds + (double)step.Sequences * cost.HeadMultiplyAdds
            + (double)step.AttendedTokens * cost.AttentionMultiplyAdds;
        return Math.Max(bytes / (ReadEfficiency * speed.ReadBytesPerSecond), multiplyAdds / (MultiplyEfficiency * speed.MultiplyAddsPerSecond));
    }

    /// <summary>Two all-reduces a layer.</summary>
    public double ExchangeSeconds(int layers, int ranks, Link? link, StepShape step) =>
        link is { } worst ? 2 * layers * _wire.AllReduce(ranks, step.Tokens * PartialValues, worst) : 0;

    /// <summary>Hidden states from every rank of a stage to its peer in the next, all at once.</summary>
    public double HandOver(ReadOnlySpan<Member> from, ReadOnlySpan<Member> to, StepShape step)
    {
        double slowest = 0;
        for (var i = 0; i < from.Length; i++)
            slowest = Math.Max(slowest, _wire.Send((double)step.Tokens * model.Config.HiddenSize, links.Between(from[i], to[i])));
        return slowest;
    }

    /// <summary>Float weights leave what rounding takes off in a second plane of sums, which travels as well.</summary>
    private static bool HasFloatPartials(ModelFacts model)
    {
        foreach (var tensor in model.Tensors)
        {
            if (!TensorTraits.Get(tensor.Type).IsQuantized && tensor.Name == TensorNames.FeedForwardDown(0)) return true;
        }

        return false;
    }
}
