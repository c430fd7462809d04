using Cluster.Compute.Cpu.Threading;
using Cluster.Compute.Devices;

namespace Cluster.Compute.Cpu.Limits;

/// <summary>Measures what a number of threads of this processor do at most, in half a second.</summary>
internal static class CpuLimits
{
    /// <summary>
    /// Medians over several passes. The threads are its own, so that it may be called while the device computes; the figures then are what is
    /// left beside that.
    /// </summary>
    public static DeviceLimits Measure(int threads)
    {
        using var team = new ThreadTeam(threads);
        using var bandwidth = new ReadBandwidth(team);
        var peak = IntegerPeak.Create(CpuIsa.Best, team);
        return new DeviceLimits(RateMeter.Median(bandwidth.Measure), RateMeter.Median(peak.Measure));
    }
}
