using Cluster.IntegrationTests.Faults.Harness;

namespace Cluster.IntegrationTests.Faults;

/// <summary>A worker is cut from everybody without a word to either side, and the cut heals.</summary>
public sealed class PartitionTests
{
    private const int Workers = 3;

    [NamespaceFact]
    public async Task Streams_go_on_without_a_worker_that_is_cut_off_and_with_it_when_the_cut_heals()
    {
        await using var cluster = await JoinedCluster.StartAsync(Workers, ranks: Workers, areApart: true);
        var server = cluster.Server;
        var undisturbed = LiveStream.Create(4, 80, new Random(3));
        await server.RunAsync(undisturbed, _ => { });

        var streams = undisturbed.Select(stream => stream.Again()).ToArray();
        await server.RunAsync(streams, count =>
        {
            if (count == 90) cluster.Cut(2);
        });

        Assert.All(undisturbed.Zip(streams), pair => Assert.Equal((null, pair.First.Count, pair.First.Text), (pair.Second.Error, pair.Second.Count, pair.Second.Text)));
        var state = await server.WhenWholeAsync(Workers - 1);
        Assert.True(FaultServer.HasEvent(state, $"worker '{JoinedCluster.NameOf(2)}' is lost: it has been silent"), state.ToString());

        cluster.Heal(2);
        await server.WhenWholeAsync(Workers);
    }
}
