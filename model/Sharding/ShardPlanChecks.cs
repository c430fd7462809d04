using System.Collections.Immutable;
using Cluster.Model.Architecture;

namespace Cluster.Model.Sharding;

/// <summary>Finds every reason why a model cannot be split as asked.</summary>
internal static class ShardPlanChecks
{
    // A share is a measured speed or a weight that somebody typed; sums of shares must stay finite.
    private const double LargestShare = 1e15;

    public static ImmutableArray<ShardPlanRefusal> Run(ModelConfig config, int tensorParallel, int pipeline, ReadOnlySpan<double> shares)
    {
        var refusals = ImmutableArray.CreateBuilder<ShardPlanRefusal>();

        if (tensorParallel < 1)
            Refuse(ShardPlanRefusalReason.TensorParallelSizeNotPositive, $"tensor-parallel {tensorParallel} is less than 1");
        if (tensorParallel > config.HeadCount)
            Refuse(ShardPlanRefusalReason.TensorParallelExceedsHeads, $"tensor-parallel {tensorParallel} exceeds the model's {config.HeadCount} query heads");
        if (tensorParallel > config.FeedForwardSize)
            Refuse(ShardPlanRefusalReason.TensorParallelExceedsFeedForward, $"tensor-parallel {tensorParallel} exceeds the model's {config.FeedForwardSize} feed-forward columns");
        if (tensorParallel > config.VocabularySize)
            Refuse(ShardPlanRefusalReason.TensorParallelExceedsVocabulary, $"tensor-parallel {tensorParallel} exceeds the model's vocabulary of {config.VocabularySize}");
        if (pipeline < 1)
            Refuse(ShardPlanRefusalReason.PipelineSizeNotPositive, $"{pipeline} pipeline stages are less than 1");
        if (pipeline > config.LayerCount)
            Refuse(ShardPlanRefusalReason.PipelineExceedsLayers, $"{pipeline} pipeline stages exceed the model's {config.LayerCount} layers");

        long worldSize = (long)tensorParallel * pipeline;
        if (!shares.IsEmpty && tensorParallel > 0 && pipeline > 0 && shares.Length != worldSize)
            Refuse(ShardPlanRefusalReason.ShareCountIsNotWorldSize, $"{shares.Length} shares are given for {worldSize} ranks");
        for (int rank = 0; rank < shares.Length; rank++)
        {
            if (shares[rank] is not (> 0 and <= LargestShare))
                Refuse(ShardPlanRefusalReason.ShareNotPositive, FormattableString.Invariant($"the share of rank {rank} is {shares[rank]}; it must be positive and at most 1e15"));
        }
        return refusals.ToImmutable();

        void Refuse(ShardPlanRefusalReason reason, string message) => refusals.Add(new ShardPlanRefusal(reason, message));
    }
}
