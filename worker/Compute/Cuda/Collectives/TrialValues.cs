namespace Cluster.Compute.Cuda.Collectives;

/// <summary>Values of trial sums, which are known and exact.</summary>
internal static class TrialValues
{
    /// <summary>Values repeat after so many.</summary>
    private const int Period = 251;

    /// <summary>A rank's part.</summary>
    public static void Fill(Span<float> values, int rank)
    {
        for (var i = 0; i < values.Length; i++) values[i] = i % Period + rank;
    }

    /// <summary>What is wrong with a sum over so many ranks; null: nothing.</summary>
    public static string? FindError(ReadOnlySpan<float> values, int size)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var expected = (float)(size * (i % Period) + size * (size - 1) / 2);
            if (values[i] != expected) return $"summed to {values[i]:R} where {expected:R} was due";
        }

        return null;
    }
}
