using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.Synthesis;

namespace Cluster.Model.Tests.Synthesis;

public class WeightMixTests
{
    [Fact]
    public void Q4_K_M_has_more_bits_where_quantizers_put_them()
    {
        ModelConfig config = SynthShapes.All.Single(shape => shape.Name == "tinyllama-1.1b").ToConfig();
        var sensitive = ModelTensors.All(config).Where(spec => spec.IsMatrix && WeightMix.Q4_K_M.TypeOf(spec, config) == TensorType.Q6_K).ToList();

        // Of 22 layers the first two, the last three, and every third between them.
        int[] layers = [0, 1, 4, 7, 10, 13, 16, 19, 20, 21];
        Assert.Equal(layers, sensitive.Where(spec => spec.Role == TensorRole.AttentionValue).Select(spec => spec.Layer!.Value));
        Assert.Equal(layers, sensitive.Where(spec => spec.Role == TensorRole.FeedForwardDown).Select(spec => spec.Layer!.Value));
        Assert.Equal(TensorRole.Output, Assert.Single(sensitive, spec => spec.Layer is null).Role);
    }

    [Fact]
    public void A_tied_table_has_the_heads_bits()
    {
        ModelConfig config = SynthShapes.All.Single(shape => shape.Name == "llama-3.2-1b").ToConfig();

        Assert.Equal(TensorType.Q6_K, WeightMix.Q4_K_M.TypeOf(ModelTensors.All(config).First(), config));
    }

    [Theory]
    [InlineData("Q4_K_M", "q4_k_m")]
    [InlineData("q8_0", "q8_0")]
    public void Names_are_read_in_any_case(string text, string name)
    {
        Assert.True(WeightMix.TryParse(text, out WeightMix? mix));
        Assert.Equal(name, mix.Name);
        Assert.Contains(name, WeightMix.SupportedNames, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("q4_k_s")]
    [InlineData(null)]
    public void Other_names_are_none(string? text) => Assert.False(WeightMix.TryParse(text, out _));
}
