using Cluster.Model.Formats;

namespace Cluster.Model.Tests.Formats;

public class TensorTraitsTests
{
    [Theory]
    [InlineData(TensorType.F32, 1, 4)]
    [InlineData(TensorType.F16, 1, 2)]
    [InlineData(TensorType.BF16, 1, 2)]
    [InlineData(TensorType.Q8_0, 32, 34)]
    [InlineData(TensorType.Q5_1, 32, 24)]
    [InlineData(TensorType.Q5_0, 32, 22)]
    [InlineData(TensorType.Q4_1, 32, 20)]
    [InlineData(TensorType.Q4_0, 32, 18)]
    [InlineData(TensorType.IQ4_NL, 32, 18)]
    [InlineData(TensorType.Q6_K, 256, 210)]
    [InlineData(TensorType.Q5_K, 256, 176)]
    [InlineData(TensorType.Q4_K, 256, 144)]
    public void Layouts_have_the_sizes_of_the_format(TensorType type, int blockSize, int blockBytes)
    {
        TensorTrait trait = TensorTraits.Get(type);

        Assert.Equal((type, type.ToString(), blockSize, blockBytes), (trait.Type, trait.Name, trait.BlockSize, trait.BlockBytes));
        Assert.Equal(blockBytes * 512L / blockSize, trait.BytesFor(512));
        Assert.Equal(blockSize > 1, trait.IsQuantized);
        Assert.Contains(trait, TensorTraits.All);
    }

    [Theory]
    [InlineData("q8_0", TensorType.Q8_0)]
    [InlineData("Q4_K", TensorType.Q4_K)]
    [InlineData("bf16", TensorType.BF16)]
    [InlineData("iq4_nl", TensorType.IQ4_NL)]
    public void Names_parse_in_any_case(string name, TensorType expected)
    {
        Assert.True(TensorTraits.TryParse(name, out TensorType type));
        Assert.Equal(expected, type);
    }

    [Theory]
    [InlineData("q9_0")]
    [InlineData("2")]
    [InlineData("q2_k")]
    [InlineData("")]
    [InlineData(null)]
    public void Other_names_do_not_parse(string? name) => Assert.False(TensorTraits.TryParse(name, out _));

    [Fact]
    public void An_unsupported_type_is_named()
    {
        var known = Assert.Throws<UnsupportedTensorTypeException>(() => TensorTraits.Get(TensorType.Q8_K));
        var unknown = Assert.Throws<UnsupportedTensorTypeException>(() => TensorTraits.Get((TensorType)1234));

        Assert.StartsWith("tensor type Q8_K is not supported (supported: F32, F16,", known.Message, StringComparison.Ordinal);
        Assert.StartsWith("tensor type id 1234 is unknown (supported:", unknown.Message, StringComparison.Ordinal);
        Assert.False(TensorTraits.TryGet(unknown.Type, out _));
    }

    [Fact]
    public void Lengths_are_checked()
    {
        TensorTrait trait = TensorTraits.Get(TensorType.Q4_0);

        Assert.Throws<ArgumentException>(() => trait.BytesFor(33));
        Assert.Throws<ArgumentException>(() => trait.BytesFor(-32));
        Assert.Throws<ArgumentException>(() => trait.Dequantize(new byte[18], new float[64]));
        Assert.Throws<ArgumentException>(() => trait.Quantize(new float[32], new byte[17]));
        Assert.Throws<ArgumentException>(() => trait.Dot(new byte[36], new float[32]));
    }
}
