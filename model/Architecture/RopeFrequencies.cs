namespace Cluster.Model.Architecture;

/// <summary>Angular frequencies of rotary position embedding, in radians per position.</summary>
public static class RopeFrequencies
{
    /// <summary>
    /// Frequency of each rotating pair i: position p rotates it by p times the result's element i. Computed in f64.
    /// </summary>
    /// <param name="config">Base, dimensions, scaling.</param>
    /// <param name="ropeFreqFactors">
    /// The model's <c>rope_freqs.weight</c>: a divisor for each pair, <c>DimensionCount / 2</c> values; or empty.
    /// </param>
    /// <returns><c>DimensionCount / 2</c> values.</returns>
    /// <exception cref="ArgumentException">The factors have another count.</exception>
    public static float[] Compute(RopeConfig config, ReadOnlySpan<float> ropeFreqFactors)
    {
        int pairs = config.DimensionCount / 2;
        if (!ropeFreqFactors.IsEmpty && ropeFreqFactors.Length != pairs)
            throw new ArgumentException($"{ropeFreqFactors.Length} frequency factors for {pairs} pairs", nameof(ropeFreqFactors));

        var frequencies = new float[pairs];
        for (int i = 0; i < pairs; i++)
        {
            double frequency = Math.Pow(config.Base, -2.0 * i / config.DimensionCount);
            if (!ropeFreqFactors.IsEmpty)
                frequency /= ropeFreqFactors[i];
            frequencies[i] = (float)(frequency * Stretch(config, i));
        }
        return frequencies;
    }

    // What scaling leaves of the frequency of pair i: between 1 / factor (interpolated) and 1 (kept).
    private static double Stretch(RopeConfig config, int pair)
    {
        double interpolated = 1.0 / config.ScalingFactor;
        return config.Scaling switch
        {
            RopeScaling.Linear => interpolated,
            RopeScaling.Yarn => interpolated + (1 - interpolated) * YarnShareKept(config, pair) * config.YarnExtrapolationFactor,
            _ => 1,
        };
    }

    // YaRN's ramp: 1 for pairs that turn at least BetaFast times in the original context, 0 for at most BetaSlow times.
    private static double YarnShareKept(RopeConfig config, int pair)
    {
        double low = Math.Max(0, Math.Floor(PairThatTurns(config, config.YarnBetaFast)));
        double high = Math.Min(config.DimensionCount - 1, Math.Ceiling(PairThatTurns(config, config.YarnBetaSlow)));
        double position = (pair - low) / Math.Max(0.001, high - low);
        return 1 - Math.Clamp(position, 0, 1);
    }

    // The (fractional) pair that makes this many full turns over the original context.
    private static double PairThatTurns(RopeConfig config, double turns) =>
        config.DimensionCount * Math.Log(config.OriginalContextLength / (turns * 2 * Math.PI)) / (2 * Math.Log(config.Base));
}
