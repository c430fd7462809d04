using Cluster.Protos.Security;
using Grpc.Net.Client;

namespace Cluster.Coordinator.Membership;

/// <summary>Connections to workers' services.</summary>
internal static class WorkerChannel
{
    /// <param name="member">Who must be there.</param>
    /// <param name="credentials">What both ends are judged by; null for plain text.</param>
    public static GrpcChannel Open(Member member, PeerCredentials? credentials)
    {
        if (credentials is null) return GrpcChannel.ForAddress($"http://{member.Address}");

        var name = PeerName.OfWorker(member.Name);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = 1 << 20,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            SslOptions = credentials.ClientOptions(peer => peer == name, member.Address),
        };
        return GrpcChannel.ForAddress($"https://{member.Address}", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }
}
