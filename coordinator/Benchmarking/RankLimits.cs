namespace Cluster.Coordinator.Benchmarking;

/// <summary>What one rank's device did at most, measured with its peers of the same stage measuring too; 0 for what it does not measure.</summary>
internal readonly record struct RankLimits(double ReadBytesPerSecond, double MultiplyAddsPerSecond)
{
    /// <summary>Of several measurements, each limit by itself.</summary>
    public static RankLimits Median(IEnumerable<RankLimits> measured)
    {
        RankLimits[] all = [.. measured];
        return new RankLimits(Spread.Of(all.Select(one => one.ReadBytesPerSecond)).Median, Spread.Of(all.Select(one => one.MultiplyAddsPerSecond)).Median);
    }
}
