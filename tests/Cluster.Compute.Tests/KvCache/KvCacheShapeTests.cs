using Cluster.Compute.KvCache;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Compute.Tests.KvCache;

public class KvCacheShapeTests
{
    private static readonly KvCacheShape s_shape = new()
    {
        Layers = new KvLayerFormat(TensorType.Q8_0, TensorType.Q4_0).Repeat(3),
        KvHeadCount = 2,
        HeadDim = 64,
        BlockTokens = 32,
        BlockCount = 5,
    };

    [Fact]
    public void Bytes_are_those_of_the_rows()
    {
        s_shape.Validate();
        Assert.Equal(3 * 2 * (68 + 36), s_shape.BytesPerToken);
        Assert.Equal(3 * 2 * (68 + 36) * 32 * 5, s_shape.TotalBytes);
    }

    [Fact]
    public void A_head_that_is_no_whole_number_of_blocks_is_refused_with_what_would_fit()
    {
        var exception = Assert.Throws<KvCacheShapeException>((s_shape with { HeadDim = 8, Layers = [new KvLayerFormat(TensorType.F16, TensorType.Q4_0)] }).Validate);
        Assert.Equal(
            "KV cache: values cannot be q4_0: its blocks of 32 do not divide head dimension 8; f16, bf16 and f32 would fit", exception.Message);
        (s_shape with { HeadDim = 8, Layers = [new KvLayerFormat(TensorType.F16, TensorType.F32)] }).Validate();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(24)]
    public void Blocks_hold_whole_groups(int blockTokens) =>
        Assert.Throws<KvCacheShapeException>((s_shape with { BlockTokens = blockTokens }).Validate);

    [Fact]
    public void Counts_below_one_are_refused()
    {
        Assert.Throws<KvCacheShapeException>((s_shape with { Layers = [] }).Validate);
        Assert.Throws<KvCacheShapeException>((s_shape with { BlockCount = 0 }).Validate);
        Assert.Throws<KvCacheShapeException>((s_shape with { KvHeadCount = -1 }).Validate);
    }
}
