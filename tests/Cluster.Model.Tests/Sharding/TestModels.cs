using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.Gguf;

namespace Cluster.Model.Tests.Sharding;

/// <summary>Model shapes for sharding tests; only sizes matter here.</summary>
internal static class TestModels
{
    public static ModelConfig Shape(
        int layers = 8, int heads = 8, int kvHeads = 4, int headDim = 64, int feedForward = 1536, int vocabulary = 8192, bool tied = true) =>
        new()
        {
            Architecture = "llama",
            LayerCount = layers,
            HiddenSize = heads * headDim,
            FeedForwardSize = feedForward,
            HeadCount = heads,
            KvHeadCount = kvHeads,
            HeadDim = headDim,
            VocabularySize = vocabulary,
            ContextLength = 2048,
            NormEpsilon = 1e-5f,
            Rope = new RopeConfig { DimensionCount = headDim, Base = 10000, Style = RopeStyle.Interleaved },
            TiedEmbeddings = tied,
        };

    /// <summary>The required tensors of a model: matrices in one format, vectors in F32. With biases when asked.</summary>
    public static List<GgufTensor> Tensors(ModelConfig config, TensorType type, bool withOptional = false)
    {
        var tensors = new List<GgufTensor>();
        foreach (TensorSpec spec in ModelTensors.All(config))
        {
            if (!spec.IsRequired && !withOptional) continue;
            TensorType stored = spec.IsMatrix ? type : TensorType.F32;
            long elements = 1;
            foreach (long dimension in spec.Dimensions) elements *= dimension;
            tensors.Add(new GgufTensor(spec.Name, stored, spec.Dimensions, 0, TensorTraits.Get(stored).BytesFor(elements)));
        }
        return tensors;
    }
}
