using Cluster.Model.Formats;

namespace Cluster.Model.Tests.Formats;

/// <summary>Every codec on random values; <see cref="StorytellerTensorTests"/> holds their layouts against another engine's.</summary>
public class BlockCodecTests
{
    private const int Blocks = 40;

    public static TheoryData<TensorType> Types() => new(TensorTraits.All.Select(trait => trait.Type));

    // Squared error over squared norm for normally distributed values; measured, plus a few per cent.
    [Theory]
    [InlineData(TensorType.F32, 0)]
    [InlineData(TensorType.F16, 6e-8)]
    [InlineData(TensorType.BF16, 3.5e-6)]
    [InlineData(TensorType.Q8_0, 3.5e-5)]
    [InlineData(TensorType.Q6_K, 4.5e-4)]
    [InlineData(TensorType.Q5_1, 1.6e-3)]
    [InlineData(TensorType.Q5_K, 1.6e-3)]
    [InlineData(TensorType.Q5_0, 2.2e-3)]
    [InlineData(TensorType.Q4_K, 6.5e-3)]
    [InlineData(TensorType.Q4_1, 7e-3)]
    [InlineData(TensorType.IQ4_NL, 6.5e-3)]
    [InlineData(TensorType.Q4_0, 9e-3)]
    public void Quantizing_keeps_values_within_the_formats_error(TensorType type, double bound)
    {
        TensorTrait trait = TensorTraits.Get(type);
        foreach (float scale in new[] { 1e-3f, 1f, 300f })
        {
            float[] values = Normal(32 * 256, scale, seed: 5);
            Assert.InRange(Error(values, RoundTrip(trait, values)), type == TensorType.F32 ? 0 : bound / 4, bound);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Values_that_a_format_holds_exactly_survive_unchanged(TensorType type)
    {
        TensorTrait trait = TensorTraits.Get(type);
        float[] once = RoundTrip(trait, Normal(trait.BlockSize * Blocks, 1, seed: 6));

        float[] twice = RoundTrip(trait, once);

        // K-quants search again and may land beside; the others must find the same codes.
        Assert.InRange(Error(once, twice), 0, type is TensorType.Q4_K or TensorType.Q5_K or TensorType.Q6_K or TensorType.IQ4_NL ? 1e-4 : 1e-6);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Zeros_constants_and_outliers_are_kept(TensorType type)
    {
        TensorTrait trait = TensorTraits.Get(type);
        int count = Math.Max(trait.BlockSize, 32);

        Assert.All(RoundTrip(trait, new float[count]), value => Assert.Equal(0, value));

        foreach (float constant in new[] { 0.75f, -3f })
        {
            var values = new float[count];
            Array.Fill(values, constant);
            Assert.All(RoundTrip(trait, values), value => Assert.InRange(value / constant, 0.98f, 1.02f));
        }

        float[] outlier = Normal(count, 1e-4f, seed: 7);
        outlier[count / 3] = -50;
        Assert.InRange(RoundTrip(trait, outlier)[count / 3], -51, -49);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Tiny_huge_and_undefined_values_do_not_throw(TensorType type)
    {
        TensorTrait trait = TensorTraits.Get(type);
        foreach (float extreme in new[] { float.Epsilon, 1e-39f, float.MaxValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN })
        {
            float[] values = Normal(Math.Max(trait.BlockSize, 32), 1, seed: 8);
            values[3] = extreme;
            RoundTrip(trait, values);
            Array.Fill(values, extreme);
            Assert.Equal(values.Length, RoundTrip(trait, values).Length);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Dot_is_that_of_the_decoded_weights(TensorType type)
    {
        TensorTrait trait = TensorTraits.Get(type);
        foreach (int blocks in new[] { 1, 3, 9 })
        {
            float[] weights = Normal(trait.BlockSize * blocks * (trait.IsQuantized ? 1 : 61), 1, seed: blocks);
            float[] activations = Normal(weights.Length, 2, seed: blocks + 100);
            byte[] bytes = Quantize(trait, weights);
            float[] decoded = new float[weights.Length];
            trait.Dequantize(bytes, decoded);
            double expected = decoded.Zip(activations, (w, a) => (double)w * a).Sum();

            Assert.Equal(expected, trait.Dot(bytes, activations), Math.Abs(expected) * 1e-6 + 1e-9);
        }
    }

    [Fact]
    public void Quantized_blocks_are_laid_out_as_documented()
    {
        // Element i is i - 8 (times 1): the scale -8 / -8 is 1, and codes count up.
        var values = new float[32];
        for (int i = 0; i < 16; i++)
            (values[i], values[i + 16]) = (i - 8, 7 - i);

        byte[] q4 = Quantize(TensorTraits.Get(TensorType.Q4_0), values);
        byte[] q8 = Quantize(TensorTraits.Get(TensorType.Q8_0), [.. values.Select(v => v * 127 / 8)]);

        Assert.Equal([0x00, 0x3C], q4[..2]); // 1 in f16
        Assert.Equal(Enumerable.Range(0, 16).Select(i => (byte)(i | (15 - i) << 4)), q4[2..]);
        Assert.Equal([0x00, 0x3C], q8[..2]);
        Assert.Equal(-127, (sbyte)q8[2]);
        Assert.Equal(-16, (sbyte)q8[2 + 7]); // -15.875, rounded
    }

    private static float[] RoundTrip(TensorTrait trait, float[] values)
    {
        var decoded = new float[values.Length];
        trait.Dequantize(Quantize(trait, values), decoded);
        return decoded;
    }

    private static byte[] Quantize(TensorTrait trait, float[] values)
    {
        var bytes = new byte[trait.BytesFor(values.Length)];
        trait.Quantize(values, bytes);
        return bytes;
    }

    private static float[] Normal(int count, float deviation, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
            deviation * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }

    private static double Error(float[] expected, float[] actual)
    {
        double error = 0, norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            error += Math.Pow((double)expected[i] - actual[i], 2);
            norm += Math.Pow(expected[i], 2);
        }
        return error / norm;
    }
}
