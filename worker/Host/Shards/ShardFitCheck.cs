using Cluster.Model.Architecture;
using Cluster.Model.Sharding;

namespace Cluster.Worker.Shards;

/// <summary>Whether a shard's ranges are inside the model.</summary>
internal static class ShardFitCheck
{
    /// <exception cref="ShardLoadException">They are not.</exception>
    public static void Require(Shard shard, ModelConfig config)
    {
        Check("layers", shard.Layers, config.LayerCount, mayBeEmpty: false);
        Check("KV heads", shard.KvHeads, config.KvHeadCount, mayBeEmpty: false);
        Check("query heads", shard.QueryHeads, config.HeadCount, mayBeEmpty: false);
        Check("feed-forward columns", shard.FeedForward, config.FeedForwardSize, mayBeEmpty: false);
        Check("vocabulary", shard.Vocabulary, config.VocabularySize, mayBeEmpty: !shard.IsLastStage);
        var groups = shard.KvHeads.Scale(config.QueryGroupSize);
        if (shard.QueryHeads != groups && !(shard.KvHeads.Count == 1 && groups.Contains(shard.QueryHeads)))
            throw Misfit($"query heads {shard.QueryHeads} are not the groups of KV heads {shard.KvHeads}, nor in the group of one");
    }

    private static void Check(string what, IndexRange range, int count, bool mayBeEmpty)
    {
        if (range.End > count) throw Misfit($"{what} {range} are not in the model's {count}");
        if (range.IsEmpty && !mayBeEmpty) throw Misfit($"the shard has no {what}");
    }

    private static ShardLoadException Misfit(string problem) => new(ShardLoadFailure.InvalidRequest, $"the shard does not fit the model: {problem}");
}
