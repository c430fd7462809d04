using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.Gguf;

namespace Cluster.Model.Sharding;

/// <summary>
/// The rules by which a shard's matrices are cut out of a model's tensors. A GGUF matrix has one row an output, one column an input.
/// </summary>
public static class TensorCuts
{
    /// <summary>Rows of the query projection.</summary>
    public static ColumnParallelCut Query(ModelConfig config, Shard shard) => new(shard.QueryHeads.Scale(config.HeadDim));

    /// <summary>Rows of the key projection, and of the value projection.</summary>
    public static ColumnParallelCut KeyValue(ModelConfig config, Shard shard) => new(shard.KvHeads.Scale(config.HeadDim));

    /// <summary>Columns of the attention output projection: the rank's query heads, widened to blocks of its format.</summary>
    public static RowParallelCut AttentionOutput(ModelConfig config, Shard shard, TensorType type) =>
        RowParallelCut.Align(shard.QueryHeads.Scale(config.HeadDim), TensorTraits.Get(type).BlockSize, config.QuerySize);

    /// <summary>Rows of the gate projection, and of the up projection.</summary>
    public static ColumnParallelCut FeedForwardGateUp(Shard shard) => new(shard.FeedForward);

    /// <summary>Columns of the feed-forward down projection, widened to blocks of its format.</summary>
    public static RowParallelCut FeedForwardDown(ModelConfig config, Shard shard, TensorType type) =>
        RowParallelCut.Align(shard.FeedForward, TensorTraits.Get(type).BlockSize, config.FeedForwardSize);

    /// <summary>Rows of the LM head; none except on the last stage.</summary>
    public static ColumnParallelCut LmHead(Shard shard) => new(shard.Vocabulary);

    /// <summary>
    /// What a shard takes of one tensor: nothing, one part, or for a tied token embedding that is looked up and multiplied with on the
    /// same rank, two.
    /// </summary>
    public static IEnumerable<TensorCut> Of(ModelConfig config, Shard shard, TensorSpec tensor, TensorType type)
    {
        if (tensor.Layer is int layer && !shard.Layers.Contains(layer)) yield break;
        bool isFirstTensorRank = shard.TensorRank == 0;
        switch (tensor.Role)
        {
            case TensorRole.TokenEmbedding:
                if (shard.IsFirstStage) yield return Whole(TensorCutKind.LookupTable);
                if (shard.IsLastStage && config.TiedEmbeddings) yield return Outputs(LmHead(shard));
                break;
            case TensorRole.Output:
                if (shard.IsLastStage) yield return Outputs(LmHead(shard));
                break;
            case TensorRole.OutputNorm:
                if (shard.IsLastStage) yield return Whole();
                break;
            case TensorRole.RopeFrequencies:
            case TensorRole.AttentionNorm:
            case TensorRole.FeedForwardNorm:
                yield return Whole();
                break;
            case TensorRole.AttentionQuery:
            case TensorRole.AttentionQueryBias:
                yield return Outputs(Query(config, shard));
                break;
            case TensorRole.AttentionKey:
            case TensorRole.AttentionKeyBias:
            case TensorRole.AttentionValue:
            case TensorRole.AttentionValueBias:
                yield return Outputs(KeyValue(config, shard));
                break;
            case TensorRole.AttentionOutput:
                yield return Inputs(AttentionOutput(config, shard, type));
                break;
            case TensorRole.FeedForwardGate:
            case TensorRole.FeedForwardGateBias:
            case TensorRole.FeedForwardUp:
            case TensorRole.FeedForwardUpBias:
                yield return Outputs(FeedForwardGateUp(shard));
                break;
            case TensorRole.FeedForwardDown:
                yield return Inputs(FeedForwardDown(config, shard, type));
                break;
            case TensorRole.AttentionOutputBias:
            case TensorRole.FeedForwardDownBias:
                if (isFirstTensorRank) yield return Whole(); // the all-reduce would add it once a rank
                break;
            default:
                throw new ArgumentException($"There is no rule for cutting {tensor.Name} ({tensor.Role}).", nameof(tensor));
        }

        TensorCut Whole(TensorCutKind kind = TensorCutKind.Whole) => new(tensor, type, kind, AllRows(), AllColumns(), AllColumns());

        TensorCut Outputs(ColumnParallelCut cut) => tensor.IsMatrix
            ? new(tensor, type, TensorCutKind.ColumnParallel, cut.Rows, AllColumns(), AllColumns())
            : new(tensor, type, TensorCutKind.ColumnParallel, new IndexRange(0, 1), cut.Rows, cut.Rows);

        TensorCut Inputs(RowParallelCut cut) => new(tensor, type, TensorCutKind.RowParallel, AllRows(), cut.Owned, cut.Kept);

        IndexRange AllColumns() => new(0, checked((int)tensor.Dimensions[0]));

        IndexRange AllRows() => new(0, tensor.IsMatrix ? checked((int)tensor.Dimensions[1]) : 1);
    }

    /// <summary>Everything that a shard takes of a model's tensors, in the order of computation.</summary>
    public static IEnumerable<TensorCut> All(ModelConfig config, Shard shard, IEnumerable<GgufTensor> tensors)
    {
        var types = new Dictionary<string, TensorType>();
        foreach (GgufTensor tensor in tensors) types[tensor.Name] = tensor.Type;
        foreach (TensorSpec spec in ModelTensors.All(config))
        {
            if (!types.TryGetValue(spec.Name, out TensorType type)) continue; // optional
            foreach (TensorCut cut in Of(config, shard, spec, type)) yield return cut;
        }
    }

    /// <summary>
    /// Feed-forward columns that should stay together so that no down projection is cut inside a block: the largest block size among
    /// their formats, and no less than 32, which activations are quantized and plain products summed by. For <see cref="ShardPlanBuilder.Build"/>.
    /// </summary>
    public static int FeedForwardUnit(ModelConfig config, IEnumerable<GgufTensor> tensors)
    {
        var downProjections = new HashSet<string>();
        for (int layer = 0; layer < config.LayerCount; layer++) downProjections.Add(TensorNames.FeedForwardDown(layer));
        int unit = TensorTraits.Get(TensorType.Q8_0).BlockSize;
        foreach (GgufTensor tensor in tensors)
        {
            if (downProjections.Contains(tensor.Name)) unit = Math.Max(unit, TensorTraits.Get(tensor.Type).BlockSize);
        }
        return unit;
    }
}
