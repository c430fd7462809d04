namespace Cluster.Compute.Tests.Values;

/// <summary>How far results are from what they should be.</summary>
internal static class Difference
{
    /// <summary>Σ (actual - expected)² / Σ expected²; NaN where anything is.</summary>
    public static double NormalizedMeanSquare(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var (error, norm) = (0d, 0d);
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = (double)actual[i] - expected[i];
            error += difference * difference;
            norm += (double)expected[i] * expected[i];
        }

        Assert.True(norm > 0, "The expected values are all zero.");
        return error / norm;
    }

    /// <summary>Largest |actual - expected| / max(1, |expected|).</summary>
    public static double Largest(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = 0d;
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Math.Abs((double)actual[i] - expected[i]) / Math.Max(1, Math.Abs(expected[i]));
            largest = double.IsNaN(difference) ? double.NaN : Math.Max(largest, difference);
        }

        return largest;
    }
}
