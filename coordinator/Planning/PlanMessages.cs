using Cluster.Model.KvCache;
using Cluster.Model.Sharding;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Planning;

/// <summary>Plans as workers receive them.</summary>
internal static class PlanMessages
{
    public static LoadShardRequest LoadRequest(ClusterPlan plan, int rank, ModelReference model) => new()
    {
        Plan = ToMessage(plan),
        Rank = rank,
        Model = model,
        KvCache = new KvCacheOptions
        {
            Formats = { plan.Options.CacheFormats.Select(ToMessage) },
            BlockTokens = plan.Options.BlockTokens,
            BlockCount = plan.BlockCount,
        },
        Wire = plan.Options.Wire,
        Channel = plan.Options.Channel,
        MaxStepTokens = plan.Options.MaxStepTokens,
    };

    public static Plan ToMessage(ClusterPlan plan)
    {
        var message = new Plan
        {
            Version = plan.Version,
            TensorParallelSize = plan.Shards.TensorParallelSize,
            PipelineSize = plan.Shards.PipelineSize,
        };
        foreach (var shard in plan.Shards.Shards) message.Shards.Add(ToMessage(shard));
        foreach (var worker in plan.Workers)
        {
            message.Addresses.Add(worker.Address);
            message.Workers.Add(worker.Name);
        }

        return message;
    }

    private static CacheFormat ToMessage(KvCacheFormat format) => new()
    {
        KeyType = KvCacheFormat.NameOf(format.KeyType),
        ValueType = KvCacheFormat.NameOf(format.ValueType),
        Rotation = format.Rotation,
        EdgeLayers = format.EdgeLayers,
    };

    private static Protos.V1.Shard ToMessage(Model.Sharding.Shard shard) => new()
    {
        Rank = shard.Rank,
        Stage = shard.Stage,
        TensorRank = shard.TensorRank,
        Layers = ToMessage(shard.Layers),
        KvHeads = ToMessage(shard.KvHeads),
        QueryHeads = ToMessage(shard.QueryHeads),
        FeedForward = ToMessage(shard.FeedForward),
        Vocabulary = ToMessage(shard.Vocabulary),
    };

    private static Protos.V1.Range ToMessage(IndexRange range) => new() { Start = range.Start, End = range.End };
}
