namespace Cluster.Model.Architecture;

/// <summary>
/// The catalogue of a model's tensors: the one list that validation, inspection, synthesis and sharding use.
/// </summary>
public static class ModelTensors
{
    /// <summary>
    /// Every tensor that a model of this configuration has or may have, in the order of computation: embedding, layers, head.
    /// <c>output.weight</c> is listed unless embeddings are tied, and is then required.
    /// </summary>
    public static IEnumerable<TensorSpec> All(ModelConfig config)
    {
        yield return Weight(TensorRole.TokenEmbedding, null, TensorNames.TokenEmbedding, config.HiddenSize, config.VocabularySize);
        yield return new TensorSpec(TensorRole.RopeFrequencies, null, TensorNames.RopeFrequencies, [config.Rope.DimensionCount / 2], false);
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            foreach (TensorSpec tensor in Layer(config, layer))
                yield return tensor;
        }
        yield return Norm(TensorRole.OutputNorm, null, TensorNames.OutputNorm, config.HiddenSize);
        if (!config.TiedEmbeddings)
            yield return Weight(TensorRole.Output, null, TensorNames.Output, config.HiddenSize, config.VocabularySize);
    }

    /// <summary>The tensors of one layer, in the order of computation.</summary>
    public static IEnumerable<TensorSpec> Layer(ModelConfig config, int layer)
    {
        ArchitectureTraits traits = ArchitectureTraits.Get(config.Architecture);
        (long hidden, long query, long kv, long wide) = (config.HiddenSize, config.QuerySize, config.KvSize, config.FeedForwardSize);
        TensorSpec?[] tensors =
        [
            Norm(TensorRole.AttentionNorm, layer, TensorNames.AttentionNorm(layer), hidden),
            Weight(TensorRole.AttentionQuery, layer, TensorNames.AttentionQuery(layer), hidden, query),
            Bias(TensorRole.AttentionQueryBias, layer, TensorNames.AttentionQueryBias(layer), query, traits.QkvBiases),
            Weight(TensorRole.AttentionKey, layer, TensorNames.AttentionKey(layer), hidden, kv),
            Bias(TensorRole.AttentionKeyBias, layer, TensorNames.AttentionKeyBias(layer), kv, traits.QkvBiases),
            Weight(TensorRole.AttentionValue, layer, TensorNames.AttentionValue(layer), hidden, kv),
            Bias(TensorRole.AttentionValueBias, layer, TensorNames.AttentionValueBias(layer), kv, traits.QkvBiases),
            Weight(TensorRole.AttentionOutput, layer, TensorNames.AttentionOutput(layer), query, hidden),
            Bias(TensorRole.AttentionOutputBias, layer, TensorNames.AttentionOutputBias(layer), hidden, traits.OtherBiases),
            Norm(TensorRole.FeedForwardNorm, layer, TensorNames.FeedForwardNorm(layer), hidden),
            Weight(TensorRole.FeedForwardGate, layer, TensorNames.FeedForwardGate(layer), hidden, wide),
            Bias(TensorRole.FeedForwardGateBias, layer, TensorNames.FeedForwardGateBias(layer), wide, traits.OtherBiases),
            Weight(TensorRole.FeedForwardUp, layer, TensorNames.FeedForwardUp(layer), hidden, wide),
            Bias(TensorRole.FeedForwardUpBias, layer, TensorNames.FeedForwardUpBias(layer), wide, traits.OtherBiases),
            Weight(TensorRole.FeedForwardDown, layer, TensorNames.FeedForwardDown(layer), wide, hidden),
            Bias(TensorRole.FeedForwardDownBias, layer, TensorNames.FeedForwardDownBias(layer), hidden, traits.OtherBiases),
        ];
        return tensors.OfType<TensorSpec>();
    }

    private static TensorSpec Weight(TensorRole role, int? layer, string name, long columns, long rows) =>
        new(role, layer, name, [columns, rows], true);

    private static TensorSpec Norm(TensorRole role, int? layer, string name, long size) => new(role, layer, name, [size], true);

    private static TensorSpec? Bias(TensorRole role, int layer, string name, long size, TensorPresence presence) =>
        presence == TensorPresence.Absent ? null : new(role, layer, name, [size], presence == TensorPresence.Required);
}
