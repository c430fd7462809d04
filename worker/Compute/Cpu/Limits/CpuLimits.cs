using System.Diagnostics;
using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Cpu.Limits;

/// <summary>Measures what a number of threads of this processor do at most, in half a second.</summary>
internal static class CpuLimits
{
    private const int FewestPasses = 5;

    /// <summary>
    /// How long each limit is measured at least. One after the other, not in turns: several workers of a machine that measure at the same time
    /// then share its memory while they read, and not one's reading with another's products.
    /// </summary>
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(150);

    /// <summary>
    /// Medians over several passes. The threads are its own, so that it may be called while the device computes; the figures then are what is
    /// left beside that.
    /// </summary>
    public static DeviceLimits Measure(int threads)
    {
        using var team = new ThreadTeam(threads);
        using var bandwidth = new ReadBandwidth(team);
        var peak = IntegerPeak.Create(CpuIsa.Best, team);
        return new DeviceLimits(Median(bandwidth.Measure), Median(peak.Measure));
    }

    private static double Median(Func<double> pass)
    {
        // The first one compiles.
        pass();
        var rates = new List<double>();
        var began = Stopwatch.GetTimestamp();
        while (rates.Count < FewestPasses || Stopwatch.GetElapsedTime(began) < s_shortest) rates.Add(pass());
        rates.Sort();
        return rates[rates.Count / 2];
    }
}
