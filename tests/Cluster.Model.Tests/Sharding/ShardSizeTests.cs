using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.Gguf;
using Cluster.Model.KvCache;
using Cluster.Model.Sharding;

namespace Cluster.Model.Tests.Sharding;

public sealed class ShardSizeTests
{
    [Fact]
    public void ASingleRankTakesTheWholeModel()
    {
        ModelConfig config = TestModels.Shape(tied: false);
        List<GgufTensor> tensors = TestModels.Tensors(config, TensorType.Q4_K);
        ShardSize size = Assert.Single(Sizes(config, tensors, 1, 1));

        Assert.Equal(tensors.Sum(tensor => tensor.ByteCount), size.WeightBytes + size.EmbeddingBytes);
        Assert.Equal(8192 * 512 / 256 * 144, size.EmbeddingBytes);
        Assert.Equal(8 * 4 * (64 / 32 * 34 + 64 / 32 * 18), size.KvBytesPerToken); // q8_0 keys, q4_0 values
    }

    [Fact]
    public void ATiedEmbeddingCountsAsTableAndAsLmHead()
    {
        ModelConfig config = TestModels.Shape(layers: 4);
        List<GgufTensor> tensors = TestModels.Tensors(config, TensorType.F16);
        long table = 8192 * 512 * 2, all = tensors.Sum(tensor => tensor.ByteCount);

        ShardSize single = Assert.Single(Sizes(config, tensors, 1, 1));
        Assert.Equal((table, all), (single.EmbeddingBytes, single.WeightBytes));

        ShardSize[] staged = Sizes(config, tensors, 1, 2);
        Assert.Equal([table, 0], staged.Select(size => size.EmbeddingBytes));
        Assert.Equal(all, staged.Sum(size => size.WeightBytes));
    }

    [Fact]
    public void RanksTogetherHoldTheCacheOnceAndSharedBlocksTwice()
    {
        ModelConfig config = TestModels.Shape();
        List<GgufTensor> tensors = TestModels.Tensors(config, TensorType.Q4_K);
        ShardSize single = Assert.Single(Sizes(config, tensors, 1, 1));

        ShardSize[] pair = Sizes(config, tensors, 2, 1);
        long norms = (8 * 2 + 1) * 512 * 4;
        Assert.Equal(single.WeightBytes + norms, pair.Sum(size => size.WeightBytes)); // cuts at 256: nothing but the norms is held twice
        Assert.Equal(single.KvBytesPerToken, pair.Sum(size => size.KvBytesPerToken));

        ShardSize[] three = Sizes(config, tensors, 3, 1);
        long sharedBlocks = 8 * 512 * 144; // attn_output's second block column of all 8 layers, on ranks 1 and 2
        Assert.Equal(single.WeightBytes + 2 * norms + sharedBlocks, three.Sum(size => size.WeightBytes));
        Assert.Equal([2, 1, 1], three.Select(size => size.KvBytesPerToken * 4 / single.KvBytesPerToken));
    }

    [Fact]
    public void ACacheFormatThatDoesNotFitTheHeadIsAnError()
    {
        ModelConfig config = TestModels.Shape(headDim: 8);
        Assert.Throws<ArgumentException>(() => Sizes(config, TestModels.Tensors(config, TensorType.F32), 1, 1));
    }

    private static ShardSize[] Sizes(ModelConfig config, List<GgufTensor> tensors, int tensorParallel, int pipeline)
    {
        ShardPlan plan = ShardPlanBuilder.Build(config, tensorParallel, pipeline, TensorCuts.FeedForwardUnit(config, tensors), 1).Plan!;
        return [.. plan.Shards.Select(shard => ShardSize.Of(config, shard, tensors, new KvCacheFormat()))];
    }
}
