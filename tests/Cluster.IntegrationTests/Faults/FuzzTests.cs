using Cluster.IntegrationTests.Faults.Harness;

namespace Cluster.IntegrationTests.Faults;

/// <summary>Nonsense on every listener; <c>Cluster.Benchmarks fuzz</c> goes on for longer and looks at memory.</summary>
public sealed class FuzzTests
{
    private const int Workers = 2;
    private const int Cases = 600;

    [Fact]
    public async Task A_cluster_serves_on_while_its_listeners_are_sent_nonsense()
    {
        if (!OperatingSystem.IsLinux()) return;
        await using var server = await FaultServer.StartAsync("--local-workers", $"{Workers}", "--tensor-parallel", $"{Workers}", "--threads", "1");

        var run = await FuzzRun.RunAsync(server, Workers, seed: 11, number => (double)number / Cases);

        Assert.Empty(run.Problems);

        // API, membership, and of each worker its service; the lower rank listens for the socket between them.
        Assert.Equal(3 + Workers, run.Listeners);
    }
}
