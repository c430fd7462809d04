using System.Diagnostics;

namespace Cluster.Compute.Devices;

/// <summary>Measures rates in passes, of which the median is told: neither the first, which compiles, nor a neighbour's burst moves it.</summary>
internal static class RateMeter
{
    private const int FewestPasses = 5;

    /// <summary>
    /// How long a rate is measured at least. One rate after the other, not in turns: several workers of a machine that measure at the same time
    /// then share its memory while they read, and not one's reading with another's products.
    /// </summary>
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(150);

    /// <summary>How long what is queued takes at least, so that waiting for it does not count.</summary>
    private static readonly TimeSpan s_shortestQueue = TimeSpan.FromMilliseconds(5);

    /// <summary>The median of what passes say.</summary>
    public static double Median(Func<double> pass)
    {
        pass();
        var rates = new List<double>();
        var began = Stopwatch.GetTimestamp();
        while (rates.Count < FewestPasses || Stopwatch.GetElapsedTime(began) < s_shortest) rates.Add(pass());
        rates.Sort();
        return rates[rates.Count / 2];
    }

    /// <summary>Runs a second of work that is queued and then waited for.</summary>
    public static double RunsPerSecond(Action queue, Action wait)
    {
        queue();
        wait();
        var runs = 1;
        while (Time(runs) < s_shortestQueue) runs *= 2;
        return Median(() => runs / Time(runs).TotalSeconds);

        TimeSpan Time(int count)
        {
            var began = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++) queue();
            wait();
            return Stopwatch.GetElapsedTime(began);
        }
    }
}
