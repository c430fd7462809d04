using Cluster.Model.Architecture;
using Cluster.Model.Synthesis;

namespace Cluster.Model.Tests.Architecture;

public class ModelTensorsTests
{
    [Fact]
    public void Lists_each_tensor_once_with_its_layer()
    {
        ModelConfig config = SynthShapes.All.Single(shape => shape.Name == "llama-3-8b").ToConfig();

        TensorSpec[] tensors = [.. ModelTensors.All(config)];

        Assert.Equal(tensors.Length, tensors.Select(tensor => tensor.Name).Distinct().Count());
        Assert.Equal(32 * 9 + 3, tensors.Count(tensor => tensor.IsRequired));
        Assert.All(tensors, tensor => Assert.Equal(
            tensor.Layer is int layer ? $"blk.{layer}." : null,
            tensor.Name.StartsWith("blk.", StringComparison.Ordinal) ? tensor.Name[..(tensor.Name.IndexOf('.', 4) + 1)] : null));
        // The published parameter count.
        long parameters = tensors.Where(tensor => tensor.IsRequired).Sum(tensor => tensor.Dimensions.Aggregate((a, b) => a * b));
        Assert.Equal(8_030_261_248, parameters);
    }

    [Fact]
    public void Tied_embeddings_have_no_head()
    {
        ModelConfig config = SynthShapes.Tiny.ToConfig();

        Assert.Contains(ModelTensors.All(config), tensor => tensor.Role == TensorRole.Output);
        Assert.DoesNotContain(ModelTensors.All(config with { TiedEmbeddings = true }), tensor => tensor.Role == TensorRole.Output);
    }

    [Fact]
    public void Shapes_follow_the_configuration()
    {
        ModelConfig config = SynthShapes.Tiny.ToConfig() with { HeadDim = 16, HeadCount = 6, KvHeadCount = 3 };
        Dictionary<TensorRole, long[]> shapes = ModelTensors.Layer(config, 1).ToDictionary(t => t.Role, t => t.Dimensions.ToArray());

        Assert.Equal([256, 96], shapes[TensorRole.AttentionQuery]);
        Assert.Equal([256, 48], shapes[TensorRole.AttentionKey]);
        Assert.Equal([48], shapes[TensorRole.AttentionValueBias]);
        Assert.Equal([96, 256], shapes[TensorRole.AttentionOutput]);
        Assert.Equal([256, 512], shapes[TensorRole.FeedForwardUp]);
        Assert.Equal([512, 256], shapes[TensorRole.FeedForwardDown]);
    }
}
