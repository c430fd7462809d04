namespace Cluster.Coordinator.Planning.Search;

/// <summary>Gives out work so that all finish as early as can be.</summary>
internal static class ShareFilling
{
    /// <summary>Workers whose speeds differ by less get the same: so much is noise of the measurement.</summary>
    public const double EvenWithin = 1.1;

    /// <summary>
    /// Parts of <paramref name="total"/> in proportion to speeds, none beyond what it can hold; what does not fit goes to the others.
    /// Null when all together cannot hold it.
    /// </summary>
    public static double[]? Fill(ReadOnlySpan<double> speeds, ReadOnlySpan<double> capacities, double total)
    {
        double held = 0;
        foreach (var capacity in capacities) held += capacity;
        if (held < total) return null;

        var even = AreEven(speeds);
        var parts = new double[speeds.Length];
        var isFull = new bool[speeds.Length];
        var left = total;
        while (true)
        {
            double speed = 0;
            for (var i = 0; i < parts.Length; i++) speed += isFull[i] ? 0 : even ? 1 : speeds[i];
            var filled = false;
            for (var i = 0; i < parts.Length; i++)
            {
                if (isFull[i]) continue;
                parts[i] = left * (even ? 1 : speeds[i]) / speed;
                if (parts[i] <= capacities[i]) continue;
                filled = isFull[i] = true;
                parts[i] = capacities[i];
            }

            if (!filled) return parts;
            left = total;
            for (var i = 0; i < parts.Length; i++) left -= isFull[i] ? capacities[i] : 0;
        }
    }

    public static bool AreEven(ReadOnlySpan<double> speeds)
    {
        var (least, most) = (double.MaxValue, 0d);
        foreach (var speed in speeds) (least, most) = (Math.Min(least, speed), Math.Max(most, speed));
        return most < EvenWithin * least;
    }
}
