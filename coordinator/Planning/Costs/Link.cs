namespace Cluster.Coordinator.Planning.Costs;

/// <summary>What the network between two workers does.</summary>
/// <param name="LatencySeconds">One way, as the thread that computes sees it.</param>
/// <param name="BytesPerSecond">Of one large frame after another.</param>
internal readonly record struct Link(double LatencySeconds, double BytesPerSecond)
{
    /// <summary>Between processes of one machine: a socket of the loopback interface.</summary>
    public static Link Loopback { get; } = new(20e-6, 2e9);

    /// <summary>Where nobody measured: gigabit Ethernet over a switch.</summary>
    public static Link Gigabit { get; } = new(100e-6, 117e6);

    /// <summary>The worse of both in everything: a group waits for its slowest pair.</summary>
    public static Link Worse(Link a, Link b) => new(Math.Max(a.LatencySeconds, b.LatencySeconds), Math.Min(a.BytesPerSecond, b.BytesPerSecond));

    public double SecondsFor(double bytes) => LatencySeconds + bytes / BytesPerSecond;
}
