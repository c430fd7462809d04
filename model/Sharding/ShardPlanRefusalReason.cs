namespace Cluster.Model.Sharding;

/// <summary>Why a model cannot be split as asked.</summary>
public enum ShardPlanRefusalReason
{
    TensorParallelSizeNotPositive,
    PipelineSizeNotPositive,
    TensorParallelExceedsHeads,
    TensorParallelExceedsFeedForward,
    TensorParallelExceedsVocabulary,
    PipelineExceedsLayers,
    ShareCountIsNotWorldSize,
    ShareNotPositive,
}
