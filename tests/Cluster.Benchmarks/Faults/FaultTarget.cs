using Cluster.IntegrationTests.Faults.Harness;

namespace Cluster.Benchmarks.Faults;

/// <summary>A cluster that serves, and how its workers come to harm and recover from it.</summary>
/// <param name="Server">Serves.</param>
/// <param name="Owner">Ends it all.</param>
/// <param name="NameOf">Of a worker.</param>
/// <param name="Harm">Harms a worker.</param>
/// <param name="Heal">Takes that back; null when nobody does, and the coordinator replaces the worker.</param>
internal sealed record FaultTarget(FaultServer Server, IAsyncDisposable Owner, Func<int, string> NameOf, Action<int> Harm, Action<int>? Heal)
{
    public static async Task<FaultTarget> StartAsync(FaultBenchmarkOptions options)
    {
        if (options.HealAfter is null)
        {
            var server = await FaultServer.StartAsync("--local-workers", $"{options.Workers}", "--threads", "1");
            return new FaultTarget(server, server, worker => $"local-{worker}", worker => server.Signal($"local-{worker}", options.Signal), null);
        }

        // A coordinator kills local workers that it has lost: only those that it did not start can come back.
        var cluster = await JoinedCluster.StartAsync(options.Workers, ranks: options.Workers, areApart: options.Partition);
        return options.Partition
            ? new FaultTarget(cluster.Server, cluster, JoinedCluster.NameOf, cluster.Cut, cluster.Heal)
            : new FaultTarget(cluster.Server, cluster, JoinedCluster.NameOf, worker => cluster.Signal(worker, options.Signal), worker => cluster.Signal(worker, "CONT"));
    }
}
