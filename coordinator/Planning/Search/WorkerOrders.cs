using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning.Costs;

namespace Cluster.Coordinator.Planning.Search;

/// <summary>
/// Orders in which workers are taken: the first so many take part, and neighbours share a stage. By speed; and by nearness to a few that
/// are far from each other, so that a site's workers stay together.
/// </summary>
internal static class WorkerOrders
{
    private const int MostSeeds = 3;

    public static List<Member[]> Of(IEnumerable<Member> members, LinkTable links)
    {
        Member[] fastest = [.. members.OrderByDescending(Speed).ThenBy(member => member.Name.Length).ThenBy(member => member.Name, StringComparer.Ordinal)];
        var orders = new List<Member[]> { fastest };
        var farthest = new double[fastest.Length];
        Array.Fill(farthest, double.MaxValue);
        for (var seed = 0; seed >= 0 && orders.Count <= MostSeeds;)
        {
            var from = fastest[seed];
            var latencies = fastest.Select(member => member == from ? 0 : links.Between(from, member).LatencySeconds).ToArray();
            Member[] near = [.. Enumerable.Range(0, fastest.Length).OrderBy(i => Band(latencies[i])).Select(i => fastest[i])];
            if (!orders.Exists(order => order.SequenceEqual(near))) orders.Add(near);

            // The next seed is the farthest from those before; none when all are as near as the nearest.
            for (var i = 0; i < farthest.Length; i++) farthest[i] = Math.Min(farthest[i], latencies[i]);
            var next = Array.IndexOf(farthest, farthest.Max());
            var nearest = latencies.Where((_, i) => fastest[i] != from).DefaultIfEmpty(0).Min();
            seed = Band(farthest[next]) > Band(nearest) ? next : -1;
        }

        return orders;

        // Doublings tell far from near; less is noise.
        static int Band(double latency) => latency <= 0 ? int.MinValue : (int)Math.Round(Math.Log2(latency));
    }

    /// <summary>In steps, so that workers alike keep the order of their names however the measurement came out.</summary>
    private static int Speed(Member member) => (int)Math.Round(Math.Log(DeviceSpeed.Of(member).ReadBytesPerSecond) / Math.Log(ShareFilling.EvenWithin));
}
