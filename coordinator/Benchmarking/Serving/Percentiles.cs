namespace Cluster.Coordinator.Benchmarking.Serving;

/// <summary>Times that half, nine tenths and ninety-nine hundredths of all do not exceed; zero of none.</summary>
internal readonly record struct Percentiles(TimeSpan P50, TimeSpan P90, TimeSpan P99)
{
    public static Percentiles Of(IEnumerable<TimeSpan> times)
    {
        TimeSpan[] sorted = [.. times.Order()];
        return sorted.Length == 0 ? default : new(At(0.5), At(0.9), At(0.99));

        // The nearest rank: a time that really was.
        TimeSpan At(double part) => sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Length) - 1)];
    }
}
