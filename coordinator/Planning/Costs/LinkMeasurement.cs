using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Resilience;
using Cluster.Protos.V1;
using Grpc.Core;
using Grpc.Net.Client;
using Polly.Timeout;

namespace Cluster.Coordinator.Planning.Costs;

/// <summary>Has workers measure the network between them.</summary>
internal static class LinkMeasurement
{
    /// <summary>Workers of whom every pair is measured. With more it would take longer than it is worth.</summary>
    private const int MostWorkers = 16;

    /// <summary>Links of pairs on different machines; of a pair that could not be measured nothing is known.</summary>
    /// <param name="members">Whose.</param>
    /// <param name="connect">Opens the way to one.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public static async Task<LinkTable> RunAsync(IReadOnlyList<Member> members, Func<Member, GrpcChannel> connect, CancellationToken cancellationToken)
    {
        var table = new LinkTable(Link.Gigabit);
        if (members.Count > MostWorkers) return table;

        // One worker after the other: two that measure at a time would share what they measure.
        for (var i = 0; i < members.Count; i++)
        {
            var from = members[i];
            Member[] others = [.. members.Skip(i + 1).Where(to => MemoryNeed.Key(to).Host != MemoryNeed.Key(from).Host)];
            if (others.Length == 0) continue;

            var links = await MeasureAsync(from, others, connect, cancellationToken).ConfigureAwait(false);
            foreach (var (to, link) in others.Zip(links))
            {
                if (link is { LatencySeconds: > 0 and < 60, BytesPerSecond: > 0 and < 1e15 }) table.SetPair(from.Name, to.Name, new Link(link.LatencySeconds, link.BytesPerSecond));
            }
        }

        return table;
    }

    private static async Task<IEnumerable<LinkLimits>> MeasureAsync(Member from, Member[] others, Func<Member, GrpcChannel> connect, CancellationToken cancellationToken)
    {
        try
        {
            using var channel = connect(from);
            var request = new MeasureLinksRequest { Addresses = { others.Select(member => member.Address) } };
            var worker = new Worker.WorkerClient(channel);
            var reply = await CoordinatorPolicies.LinkMeasurement.ExecuteAsync(async token => await worker.MeasureLinksAsync(request, cancellationToken: token), cancellationToken).ConfigureAwait(false);
            return reply.Links;
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or TimeoutRejectedException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return [];
        }
    }
}
