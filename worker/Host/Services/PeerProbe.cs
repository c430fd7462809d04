using Cluster.Protos.Security;
using Cluster.Worker.Collectives.Links;
using Grpc.Core;
using Grpc.Health.V1;

namespace Cluster.Worker.Services;

/// <summary>Finds out for the coordinator whether another worker answers.</summary>
internal static class PeerProbe
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    /// <param name="address">HOST:PORT of its Worker service.</param>
    /// <param name="credentials">For TLS; null for plain text.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public static async Task<bool> ReachesAsync(string address, PeerCredentials? credentials, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate($"http://{address}", UriKind.Absolute, out _)) return false;

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_patience);
        try
        {
            using var channel = PeerChannel.Open(address, credentials);
            await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest(), cancellationToken: limit.Token);
            return true;
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or IOException)
        {
            return false;
        }
    }
}
