using Cluster.IntegrationTests.Faults.Harness;

namespace Cluster.IntegrationTests.Faults;

/// <summary>Nonsense on every listener; <c>Cluster.Benchmarks fuzz</c> goes on for longer and looks at memory.</summary>
public sealed class FuzzTests
{
    private const int Ranks = 2;
    private const int Seed = 11;

    [Fact]
    public async Task A_cluster_serves_on_while_its_listeners_are_sent_nonsense()
    {
        if (!OperatingSystem.IsLinux()) return;
        await using var server = await FaultServer.StartAsync("--local-workers", $"{Ranks}", "--tensor-parallel", $"{Ranks}", "--threads", "1");

        var run = await FuzzRun.RunAsync(FuzzTarget.Of(server, Ranks), Seed, new FuzzExtent(600, 0, TimeSpan.MaxValue));

        Assert.Empty(run.Problems);

        // API, membership, and of each worker its service; the lower rank listens for the socket between them.
        Assert.Equal(3 + Ranks, run.Listeners);
    }

    [Fact]
    public async Task A_cluster_serves_on_while_peers_that_were_let_in_send_nonsense()
    {
        if (!OperatingSystem.IsLinux()) return;
        await using var cluster = await JoinedCluster.StartAsync(Ranks + 1, Ranks, areApart: false);

        var run = await FuzzRun.RunAsync(await FuzzTarget.OfAsync(cluster, Ranks, Seed), Seed, new FuzzExtent(400, 12, TimeSpan.MaxValue));

        Assert.Empty(run.Problems);
        Assert.Equal((12, 4 + Ranks), (run.Channels, run.Listeners));
        Assert.True(run.Admitted > 100, $"{run.Admitted} of {run.Cases} cases came through a handshake");
    }
}
