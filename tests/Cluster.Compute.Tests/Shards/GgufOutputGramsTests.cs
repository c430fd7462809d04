using Cluster.Compute.Shards;
using Cluster.Model.Architecture;
using Cluster.Model.Gguf;
using Cluster.Model.Sharding;

namespace Cluster.Compute.Tests.Shards;

public class GgufOutputGramsTests
{
    [Fact]
    public void A_heads_gram_does_not_depend_on_the_split_and_is_that_of_the_projection()
    {
        using var file = GgufFile.Open(RepositoryFiles.SampleModel);
        var config = ModelConfigReader.Read(file);
        const int Layer = 5, Head = 3;
        var whole = Gram(Plan(1, 1), Layer, Head);
        Assert.Equal(whole, Gram(Plan(2, 1), Layer, Head));
        Assert.Equal(whole, Gram(Plan(4, 2), Layer, Head));

        // All of the sample's rows are few enough to be taken: G's trace is the sum of squares of the head's columns.
        var tensor = file.GetTensor(TensorNames.AttentionOutput(Layer));
        var weights = new float[tensor.ElementCount];
        var bytes = new byte[tensor.ByteCount];
        file.Read(tensor, 0, bytes);
        Model.Formats.TensorTraits.Get(tensor.Type).Dequantize(bytes, weights);
        var width = config.HeadCount / config.KvHeadCount * config.HeadDim;
        var squares = weights.Where((_, i) => i % tensor.Columns / width == Head).Sum(w => (double)w * w);
        Assert.Equal(squares, Enumerable.Range(0, config.HeadDim).Sum(i => (double)whole[i * config.HeadDim + i]), squares * 1e-5);

        ShardPlan Plan(int tensorParallel, int pipeline) =>
            ShardPlanBuilder.Build(config, tensorParallel, pipeline, TensorCuts.FeedForwardUnit(config, file.Tensors), 1).Plan!;

        float[] Gram(ShardPlan plan, int layer, int head)
        {
            var shard = plan.Shards.Single(s => s.Layers.Start <= layer && layer < s.Layers.End && s.KvHeads.Start <= head && head < s.KvHeads.End);
            var gram = new float[config.HeadDim * config.HeadDim];
            new GgufOutputGrams(file, config, shard).Compute(layer - shard.Layers.Start, head - shard.KvHeads.Start, gram);
            return gram;
        }
    }
}
