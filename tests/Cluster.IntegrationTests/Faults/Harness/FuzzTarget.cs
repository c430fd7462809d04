using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Cluster.Protos.Security;

namespace Cluster.IntegrationTests.Faults.Harness;

/// <summary>A cluster that serves and is to be sent nonsense.</summary>
/// <param name="Server">Serves.</param>
/// <param name="Ranks">Workers that compute.</param>
/// <param name="Processes">All of its programs.</param>
/// <param name="Listeners">Where they listen, once for each way to come.</param>
/// <param name="Liar">Who lies to a worker that is in no plan; null for nobody.</param>
internal sealed record FuzzTarget(
    FaultServer Server, int Ranks, IReadOnlyList<(string Name, int Id)> Processes, IReadOnlyList<FuzzListener> Listeners, ChannelFuzzer? Liar)
{
    /// <summary>Strangers come to a server with local workers, whose cluster talks in plain text.</summary>
    public static FuzzTarget Of(FaultServer server, int workers)
    {
        (string, int Id)[] processes = [("coordinator", server.ProcessId), .. Enumerable.Range(0, workers).Select(i => ($"local-{i}", server.ChildId($"local-{i}")))];
        return new FuzzTarget(server, workers, processes, [.. processes.SelectMany(process => Ports(process.Id)).Select(port => new FuzzListener(port))], null);
    }

    /// <summary>
    /// To a cluster that talks over mutual TLS strangers come, a worker that was let in, and one that computes and has turned bad; to its spare worker
    /// somebody that loads shards on it and lies as the other rank.
    /// </summary>
    /// <param name="cluster">With one worker more than ranks.</param>
    /// <param name="ranks">Workers that compute.</param>
    /// <param name="seed">Of the lies.</param>
    public static async Task<FuzzTarget> OfAsync(JoinedCluster cluster, int ranks, int seed)
    {
        var state = await cluster.Server.WhenWholeAsync(ranks);
        var computing = state.GetProperty("ranks").EnumerateArray().Select(rank => rank.GetProperty("worker").GetString()).ToHashSet();
        var workers = Enumerable.Range(0, ranks + 1).ToLookup(worker => computing.Contains(JoinedCluster.NameOf(worker)));
        var rank = X509Certificate2.CreateFromPemFile(cluster.IdentityFile(workers[true].First()));
        var guest = cluster.Issue(PeerName.OfWorker(FuzzPayloads.Guest));
        var listeners = new List<FuzzListener>();
        foreach (var port in cluster.Processes.SelectMany(process => Ports(process.Id)))
        {
            listeners.Add(new FuzzListener(port));
            if (port.Port == cluster.Server.Client.BaseAddress!.Port) continue;
            listeners.Add(new FuzzListener(port, Tls(cluster.Credentials(rank))));
            listeners.Add(new FuzzListener(port, Tls(cluster.Credentials(guest))));
        }

        var spare = cluster.Processes.Single(process => process.Name == JoinedCluster.NameOf(workers[false].Single()));
        var liar = new ChannelFuzzer(
            Ports(spare.Id).Single(), cluster.Credentials(cluster.Issue(PeerName.Coordinator)), cluster.Credentials(guest), FaultServer.SampleModel, new Random(seed));
        return new FuzzTarget(cluster.Server, ranks, cluster.Processes, listeners, liar);
    }

    private static IEnumerable<IPEndPoint> Ports(int processId) => ListeningPorts.Of(processId).Select(port => new IPEndPoint(IPAddress.Loopback, port));

    private static SslClientAuthenticationOptions Tls(PeerCredentials credentials)
    {
        var options = credentials.ClientOptions(static _ => true, null);
        options.ApplicationProtocols = [SslApplicationProtocol.Http2];
        options.TargetHost = "x";
        return options;
    }
}
