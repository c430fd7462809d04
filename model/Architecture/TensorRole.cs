namespace Cluster.Model.Architecture;

/// <summary>What a tensor is for, whatever its architecture. Sharding cuts by role.</summary>
public enum TensorRole
{
    /// <summary>[HiddenSize, VocabularySize]; also the LM head when embeddings are tied.</summary>
    TokenEmbedding,

    /// <summary>[HiddenSize]</summary>
    OutputNorm,

    /// <summary>LM head [HiddenSize, VocabularySize].</summary>
    Output,

    /// <summary>Divisors of the rotary frequencies [Rope.DimensionCount / 2].</summary>
    RopeFrequencies,

    /// <summary>[HiddenSize]</summary>
    AttentionNorm,

    /// <summary>[HiddenSize, QuerySize]</summary>
    AttentionQuery,

    /// <summary>[QuerySize]</summary>
    AttentionQueryBias,

    /// <summary>[HiddenSize, KvSize]</summary>
    AttentionKey,

    /// <summary>[KvSize]</summary>
    AttentionKeyBias,

    /// <summary>[HiddenSize, KvSize]</summary>
    AttentionValue,

    /// <summary>[KvSize]</summary>
    AttentionValueBias,

    /// <summary>[QuerySize, HiddenSize]</summary>
    AttentionOutput,

    /// <summary>[HiddenSize]</summary>
    AttentionOutputBias,

    /// <summary>[HiddenSize]</summary>
    FeedForwardNorm,

    /// <summary>[HiddenSize, FeedForwardSize]</summary>
    FeedForwardGate,

    /// <summary>[FeedForwardSize]</summary>
    FeedForwardGateBias,

    /// <summary>[HiddenSize, FeedForwardSize]</summary>
    FeedForwardUp,

    /// <summary>[FeedForwardSize]</summary>
    FeedForwardUpBias,

    /// <summary>[FeedForwardSize, HiddenSize]</summary>
    FeedForwardDown,

    /// <summary>[HiddenSize]</summary>
    FeedForwardDownBias,
}
