using Cluster.Model.Formats;
using Cluster.Model.Synthesis;

namespace Cluster.Model.Tests.Synthesis;

public class SynthShapeTests
{
    [Fact]
    public void Every_named_shape_can_be_made_with_every_type()
    {
        foreach (SynthShape shape in SynthShapes.All)
        {
            Assert.All(TensorTraits.All, trait => Assert.Null(shape.Problem(WeightMix.Of(trait.Type))));
            Assert.Null(shape.Problem(WeightMix.Q4_K_M));
            Assert.True(SynthShape.TryParse(shape.Name.ToUpperInvariant(), out SynthShape? found, out _));
            Assert.Equal(shape, found with { Name = shape.Name });
        }
    }

    [Fact]
    public void Numbers_make_a_shape()
    {
        Assert.True(SynthShape.TryParse(
            "layers=3, hidden=128, ffn=256, heads=4, kv-heads=2, vocab=300, context=64", out SynthShape? shape, out _));

        Assert.Equal((3, 128, 256, 4, 2, 32, 300, 64),
            (shape.LayerCount, shape.HiddenSize, shape.FeedForwardSize, shape.HeadCount, shape.KvHeadCount, shape.HeadDim, shape.VocabularySize, shape.ContextLength));
    }

    [Fact]
    public void Numbers_replace_those_of_a_name()
    {
        Assert.True(SynthShape.TryParse("tinyllama-1.1b,layers=4", out SynthShape? fewer, out _));
        Assert.True(SynthShape.TryParse("tinyllama-1.1b,heads=16", out SynthShape? wider, out _));

        Assert.Equal((4, 2048, 32, 4, 64, "tinyllama-1.1b,layers=4"),
            (fewer.LayerCount, fewer.HiddenSize, fewer.HeadCount, fewer.KvHeadCount, fewer.HeadDim, fewer.Name));
        Assert.Equal((16, 16, 128), (wider.HeadCount, wider.KvHeadCount, wider.HeadDim));
    }

    [Theory]
    [InlineData("gpt-5", "there is no shape 'gpt-5' (there are tiny, tinyllama-1.1b, ")]
    [InlineData("tiny,fast", "'fast' is not of the form name=number")]
    [InlineData("tiny,colour=3", "'colour' is not a number of a shape (layers, hidden, ")]
    [InlineData("tiny,layers=many", "'many' is not a number for layers")]
    [InlineData("tiny,layers=-1", "'-1' is not a number for layers")]
    [InlineData("tiny,layers=1,layers=2", "layers is given twice")]
    [InlineData("layers=1,hidden=64", "a shape without a name needs layers, hidden, ffn, heads and vocab")]
    [InlineData("layers=1,hidden=64,ffn=64,heads=7,vocab=300", "hidden is 64, which is not a multiple of 7 heads: head-dim is needed")]
    [InlineData("layers=1,hidden=64,ffn=64,heads=0,vocab=300", "hidden is 64, which is not a multiple of 0 heads: head-dim is needed")]
    public void Other_text_is_one_line(string text, string message)
    {
        Assert.False(SynthShape.TryParse(text, out _, out string? error));
        Assert.StartsWith(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_that_make_no_model_say_why()
    {
        SynthShape tiny = SynthShapes.Tiny;

        Assert.Equal("layers is 1025; it must be between 1 and 1024", (tiny with { LayerCount = 1025 }).Problem(WeightMix.Of(TensorType.F32)));
        Assert.Equal("heads is 0; it must be between 1 and 16777216", (tiny with { HeadCount = 0 }).Problem(WeightMix.Of(TensorType.F32)));
        Assert.Equal("8 heads are not a multiple of 3 KV heads", (tiny with { KvHeadCount = 3 }).Problem(WeightMix.Of(TensorType.F32)));
        Assert.Equal("head-dim is 33; rotary embedding needs an even one", (tiny with { HeadDim = 33 }).Problem(WeightMix.Of(TensorType.F32)));
        Assert.Equal("vocab is 256; a byte-level vocabulary has at least 257 tokens", (tiny with { VocabularySize = 256 }).Problem(WeightMix.Of(TensorType.F32)));
        Assert.Equal("ffn is 544, which is not a multiple of the Q4_K block of 256", (tiny with { FeedForwardSize = 544 }).Problem(WeightMix.Of(TensorType.Q4_K)));
        Assert.Null((tiny with { FeedForwardSize = 544 }).Problem(WeightMix.Of(TensorType.Q4_0)));
        Assert.StartsWith("tensor type Q2_K is not supported", tiny.Problem(WeightMix.Of(TensorType.Q2_K)), StringComparison.Ordinal);
    }
}
