using System.Numerics.Tensors;
using Cluster.Compute.KvCache;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.Gguf;
using Cluster.Model.Sharding;

namespace Cluster.Compute.Shards;

/// <summary>Reads the output projections of a shard's layers from the model file, when asked. Its result does not depend on the split.</summary>
internal sealed class GgufOutputGrams(GgufFile file, ModelConfig config, Shard shard) : IOutputGrams
{
    /// <summary>Samples, in head dimensions, after which more rows no longer change which errors matter.</summary>
    private const int SamplesPerDimension = 32;

    public void Compute(int layer, int kvHead, Span<float> gram)
    {
        var tensor = file.GetTensor(TensorNames.AttentionOutput(shard.Layers.Start + layer));
        var trait = TensorTraits.Get(tensor.Type);
        var bytes = new byte[trait.BytesFor(tensor.Columns)];
        var row = new float[tensor.Columns];
        var headDim = config.HeadDim;
        var group = config.HeadCount / config.KvHeadCount;
        var firstColumn = (shard.KvHeads.Start + kvHead) * group * headDim;
        var samples = (int)Math.Min(tensor.Rows, (SamplesPerDimension * headDim + group - 1) / group);
        gram.Clear();
        for (var i = 0; i < samples; i++)
        {
            file.Read(tensor, i * tensor.Rows / samples * bytes.Length, bytes);
            trait.Dequantize(bytes, row);
            for (var head = 0; head < group; head++) AddOuterProduct(row.AsSpan(firstColumn + head * headDim, headDim), gram);
        }
    }

    private static void AddOuterProduct(ReadOnlySpan<float> vector, Span<float> gram)
    {
        for (var i = 0; i < vector.Length; i++)
        {
            var target = gram.Slice(i * vector.Length, vector.Length);
            TensorPrimitives.MultiplyAdd(vector, vector[i], target, target);
        }
    }
}
