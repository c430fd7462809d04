using Cluster.Protos.Security;
using Cluster.Worker.Collectives.Links;
using Cluster.Worker.Resilience;
using Grpc.Core;
using Grpc.Health.V1;
using Polly.Timeout;

namespace Cluster.Worker.Services;

/// <summary>Finds out for the coordinator whether another worker answers.</summary>
internal static class PeerProbe
{
    /// <param name="address">HOST:PORT of its Worker service.</param>
    /// <param name="credentials">For TLS; null for plain text.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public static async Task<bool> ReachesAsync(string address, PeerCredentials? credentials, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate($"http://{address}", UriKind.Absolute, out _)) return false;

        try
        {
            using var channel = PeerChannel.Open(address, credentials);
            var client = new Health.HealthClient(channel);
            await WorkerPolicies.Probe.ExecuteAsync(async token => await client.CheckAsync(new HealthCheckRequest(), cancellationToken: token), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or TimeoutRejectedException or IOException)
        {
            return false;
        }
    }
}
