namespace Cluster.Compute.Cpu.Threading;

/// <summary>Even shares of work that is known beforehand.</summary>
internal static class TeamShare
{
    /// <summary>Thread <paramref name="thread"/>'s items [Start, End) of <paramref name="count"/>.</summary>
    public static (int Start, int End) Of(int count, int thread, int threads) =>
        ((int)((long)count * thread / threads), (int)((long)count * (thread + 1) / threads));
}
