using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Cpu.Limits;

/// <summary>Measures what a number of threads of this processor do at most, in a fraction of a second.</summary>
internal static class CpuLimits
{
    private const int Passes = 5;

    /// <summary>
    /// Medians over several passes, bandwidth and products in turns. The threads are its own, so that it may be called while the device computes; the
    /// figures then are what is left beside that.
    /// </summary>
    public static DeviceLimits Measure(int threads)
    {
        using var team = new ThreadTeam(threads);
        using var bandwidth = new ReadBandwidth(team);
        var peak = IntegerPeak.Create(CpuIsa.Best, team);
        var (reads, products) = (new double[Passes], new double[Passes]);

        // The first pass compiles.
        for (var pass = -1; pass < Passes; pass++) (reads[Math.Max(0, pass)], products[Math.Max(0, pass)]) = (bandwidth.Measure(), peak.Measure());
        return new DeviceLimits(Median(reads), Median(products));
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
