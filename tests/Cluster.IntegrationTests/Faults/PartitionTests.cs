using Cluster.IntegrationTests.Faults.Harness;

namespace Cluster.IntegrationTests.Faults;

/// <summary>A link is cut without a word to either side, and heals.</summary>
public sealed class PartitionTests
{
    [NamespaceFact]
    public async Task Streams_go_on_without_a_worker_whose_link_is_cut_and_with_it_when_the_link_heals()
    {
        using var far = new NetworkNamespace();
        var join = $"{far.HostAddress}:{far.FreePort()}";
        using var first = new WorkerProcess("near-0", join, far.HostAddress);
        using var second = new WorkerProcess("near-1", join, far.HostAddress);
        using var third = new WorkerProcess("far", join, far.Address, far.Prefix);
        await using var server = await FaultServer.StartAsync("--workers", "3", "--tensor-parallel", "3", "--cluster-listen", join, "--insecure=force");
        var undisturbed = LiveStream.Create(4, 80, new Random(3));
        await server.RunAsync(undisturbed, _ => { });

        var streams = undisturbed.Select(stream => stream.Again()).ToArray();
        await server.RunAsync(streams, count =>
        {
            if (count == 90) far.Cut();
        });

        Assert.All(undisturbed.Zip(streams), pair => Assert.Equal((null, pair.First.Count, pair.First.Text), (pair.Second.Error, pair.Second.Count, pair.Second.Text)));
        var cluster = await server.WhenWholeAsync(2);
        Assert.True(FaultServer.HasEvent(cluster, "worker 'far' is lost: it has been silent"), cluster.ToString());

        far.Heal();
        await server.WhenWholeAsync(3);
    }
}
