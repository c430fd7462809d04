using System.Diagnostics;
using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Cluster.Worker.Collectives.Links;
using Cluster.Worker.Resilience;
using Google.Protobuf;
using Grpc.Core;
using Polly.Timeout;

namespace Cluster.Worker.Services;

/// <summary>Measures the network to other workers by calls that do nothing. One worker after the other: they would share what is measured.</summary>
internal static class LinkMeter
{
    /// <summary>A plan has no more.</summary>
    private const int MostAddresses = 1024;

    private const int Calls = 9;

    private const int PayloadBytes = 512 * 1024;

    /// <summary>Of a call on one machine, what is not gRPC but would be a socket's as well.</summary>
    private const double SocketSeconds = 20e-6;

    /// <summary>What gRPC takes for a call there and back, on a machine that has little else to do.</summary>
    private static readonly TimeSpan s_callOverhead = TimeSpan.FromMicroseconds(200);

    /// <returns>In the order of the addresses; zeros for who does not answer.</returns>
    public static async Task<LinkLimits[]> MeasureAsync(IReadOnlyList<string> addresses, PeerCredentials? credentials, CancellationToken cancellationToken)
    {
        if (addresses.Count > MostAddresses) throw new RpcException(new Status(StatusCode.InvalidArgument, $"{addresses.Count} addresses are more than {MostAddresses}"));

        var links = new LinkLimits[addresses.Count];
        for (var i = 0; i < links.Length; i++) links[i] = await MeasureAsync(addresses[i], credentials, cancellationToken).ConfigureAwait(false);
        return links;
    }

    private static async Task<LinkLimits> MeasureAsync(string address, PeerCredentials? credentials, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate($"http://{address}", UriKind.Absolute, out _)) return new LinkLimits();

        try
        {
            using var channel = PeerChannel.Open(address, credentials);
            var peer = new Protos.V1.Worker.WorkerClient(channel);
            return await WorkerPolicies.Measurement.ExecuteAsync(async token => await MeasureAsync(peer, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or TimeoutRejectedException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new LinkLimits();
        }
    }

    private static async Task<LinkLimits> MeasureAsync(Protos.V1.Worker.WorkerClient peer, CancellationToken cancellationToken)
    {
        var call = await ShortestAsync(peer, new EchoRequest(), Calls, cancellationToken).ConfigureAwait(false);
        var full = await ShortestAsync(peer, new EchoRequest { Payload = ByteString.CopyFrom(new byte[PayloadBytes]) }, 2, cancellationToken).ConfigureAwait(false);
        return new LinkLimits
        {
            LatencySeconds = SocketSeconds + Math.Max(0, (call - s_callOverhead).TotalSeconds / 2),
            BytesPerSecond = PayloadBytes / Math.Max(1e-6, (full - call).TotalSeconds),
        };
    }

    /// <summary>The first call connects, and is not counted; of the others the one that nothing disturbed.</summary>
    private static async Task<TimeSpan> ShortestAsync(Protos.V1.Worker.WorkerClient peer, EchoRequest request, int calls, CancellationToken cancellationToken)
    {
        await peer.EchoAsync(request, cancellationToken: cancellationToken);
        var shortest = TimeSpan.MaxValue;
        for (var i = 0; i < calls; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await peer.EchoAsync(request, cancellationToken: cancellationToken);
            var took = Stopwatch.GetElapsedTime(began);
            if (took < shortest) shortest = took;
        }

        return shortest;
    }
}
