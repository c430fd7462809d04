using Cluster.Model.Architecture;

namespace Cluster.Model.Tests.Architecture;

public class RopeFrequenciesTests
{
    private static readonly RopeConfig s_plain = new() { Base = 10000, DimensionCount = 8, Style = RopeStyle.Interleaved };

    [Fact]
    public void Plain_frequencies_fall_geometrically()
    {
        float[] frequencies = RopeFrequencies.Compute(s_plain, []);

        Assert.Equal([1f, 0.1f, 0.01f, 0.001f], frequencies, (a, b) => MathF.Abs(a - b) < 1e-7f * b);
        Assert.Equal(1, s_plain.Magnitude);
    }

    [Fact]
    public void Linear_scaling_divides_all()
    {
        float[] frequencies = RopeFrequencies.Compute(s_plain with { Scaling = RopeScaling.Linear, ScalingFactor = 4 }, []);

        Assert.Equal([0.25f, 0.025f, 0.0025f, 0.00025f], frequencies, (a, b) => MathF.Abs(a - b) < 1e-6f * b);
    }

    [Fact]
    public void The_models_factors_divide_each()
    {
        float[] frequencies = RopeFrequencies.Compute(s_plain, [1, 2, 4, 8]);

        Assert.Equal([1f, 0.05f, 0.0025f, 0.000125f], frequencies, (a, b) => MathF.Abs(a - b) < 1e-6f * b);
        Assert.Throws<ArgumentException>(() => RopeFrequencies.Compute(s_plain, [1, 2]));
    }

    /// <summary>Expected values follow the paper's definition: full turns over the original context decide, with a ramp between.</summary>
    [Fact]
    public void Yarn_keeps_fast_pairs_and_interpolates_slow_ones()
    {
        var config = new RopeConfig
        {
            Base = 10000,
            DimensionCount = 128,
            Style = RopeStyle.HalfSplit,
            Scaling = RopeScaling.Yarn,
            ScalingFactor = 8,
            OriginalContextLength = 4096,
        };
        float[] plain = RopeFrequencies.Compute(config with { Scaling = RopeScaling.None }, []);

        float[] frequencies = RopeFrequencies.Compute(config, []);

        // Pair 20 turns 36.7 times in 4096 positions, pair 21 31.8 times; pair 45 turns 1.005 times, pair 46 0.87 times.
        for (int i = 0; i <= 20; i++)
            Assert.Equal(1, frequencies[i] / plain[i], 1e-5);
        for (int i = 46; i < 64; i++)
            Assert.Equal(0.125, frequencies[i] / plain[i], 1e-5);
        for (int i = 21; i < 46; i++)
        {
            double kept = 1 - (i - 20) / 26.0;
            Assert.Equal(0.125 + 0.875 * kept, frequencies[i] / plain[i], 1e-4);
        }
        Assert.Equal(1 + 0.1 * Math.Log(8), config.Magnitude, 1e-6);
    }
}
