namespace Cluster.Coordinator.Evaluation;

/// <summary>Mean of values that come one by one, and how sure it is (Welford's method).</summary>
internal sealed class RunningMean
{
    private double _squares;

    public long Count { get; private set; }

    /// <summary>Not a number before the first value.</summary>
    public double Mean { get; private set; } = double.NaN;

    /// <summary>Standard error of the mean: sqrt((mean(x²) - mean(x)²) / (count - 1)); 0 for fewer than two values.</summary>
    public double StandardError => Count < 2 ? 0 : Math.Sqrt(_squares / Count / (Count - 1));

    public void Add(double value)
    {
        Count++;
        if (Count == 1)
        {
            Mean = value;
            return;
        }

        var difference = value - Mean;
        Mean += difference / Count;
        _squares += difference * (value - Mean);
    }
}
