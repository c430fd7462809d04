using System.Security.Cryptography.X509Certificates;
using Cluster.IntegrationTests.Faults.Harness;

namespace Cluster.IntegrationTests.Security;

/// <summary>Programs that talk over mutual TLS while the authority behind it is replaced.</summary>
public sealed class AuthorityRotationTests
{
    private const int Workers = 2;

    [Fact]
    public async Task A_cluster_gets_another_authority_while_it_serves()
    {
        await using var cluster = await JoinedCluster.StartAsync(Workers, ranks: Workers, areApart: false);
        var server = cluster.Server;
        var undisturbed = LiveStream.Create(2, 60, new Random(5));
        await server.RunAsync(undisturbed, _ => { });
        var before = FaultServer.PlanVersion(await server.WhenWholeAsync(Workers));

        await FaultServer.CommandAsync("ca", "rotate", "--state-dir", cluster.StateFolder);
        await StreamAsync(server, undisturbed);
        await WhenWorkersTrustAsync(cluster, authorities: 2);

        await FaultServer.CommandAsync("ca", "retire", "--now", "--state-dir", cluster.StateFolder);
        await WhenWorkersTrustAsync(cluster, authorities: 1);
        await StreamAsync(server, undisturbed);
        Assert.Equal(before, FaultServer.PlanVersion(await server.WhenWholeAsync(Workers)));

        // Its token names the old authority: what it has kept lets it in.
        cluster.Restart(1);
        await server.WhenAsync(state => FaultServer.PlanVersion(state) > before);
        await server.WhenWholeAsync(Workers);
        await StreamAsync(server, undisturbed);
        Assert.Single(await TokenLinesAsync(cluster, "create"));
        Assert.Single(await TokenLinesAsync(cluster, "list"));
    }

    private static async Task StreamAsync(FaultServer server, LiveStream[] undisturbed)
    {
        var streams = undisturbed.Select(stream => stream.Again()).ToArray();
        await server.RunAsync(streams, _ => { });
        Assert.All(undisturbed.Zip(streams), pair => Assert.Equal((null, pair.First.Text), (pair.Second.Error, pair.Second.Text)));
    }

    /// <summary>All workers keep so many authorities, and a certificate that the last of them signed.</summary>
    private static async Task WhenWorkersTrustAsync(JoinedCluster cluster, int authorities) => await cluster.Server.WhenAsync(_ => Enumerable.Range(0, Workers).All(worker =>
    {
        var kept = new X509Certificate2Collection();
        kept.ImportFromPemFile(cluster.IdentityFile(worker));
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(kept[^1]);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return kept.Count == 1 + authorities && chain.Build(kept[0]);
    }));

    private static async Task<string[]> TokenLinesAsync(JoinedCluster cluster, string verb) =>
        (await FaultServer.CommandAsync("join-token", verb, "--state-dir", cluster.StateFolder)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
