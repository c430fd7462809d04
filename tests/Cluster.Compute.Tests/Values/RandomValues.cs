namespace Cluster.Compute.Tests.Values;

/// <summary>Reproducible test input that is never constant.</summary>
internal static class RandomValues
{
    /// <summary>Normal values of about the given deviation.</summary>
    public static float[] Normal(int seed, int count, float deviation = 1)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            // Sum of uniforms (Irwin–Hall): near enough to normal, and bounded.
            var sum = 0d;
            for (var j = 0; j < 6; j++) sum += random.NextDouble() - 0.5;
            values[i] = (float)(sum * Math.Sqrt(2) * deviation);
        }

        if (count > 1) Assert.NotEqual(values[0], values[1]);
        return values;
    }
}
