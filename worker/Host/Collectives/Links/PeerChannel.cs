using System.Net.Security;
using Cluster.Protos.Security;
using Grpc.Net.Client;

namespace Cluster.Worker.Collectives.Links;

/// <summary>
/// Connections that much data comes over: frames of peers, pieces of models. Each link has one of its own: frames of one peer never queue
/// behind another's.
/// </summary>
internal static class PeerChannel
{
    /// <summary>
    /// Bytes that a sender may have on its way to us. A network of 10 Gbit/s and 1 ms holds 1.25 MB; memory is taken only when a frame
    /// is there and the compute thread does not keep up.
    /// </summary>
    private const int WindowBytes = 4 * 1024 * 1024;

    /// <param name="address">HOST:PORT.</param>
    /// <param name="credentials">What both ends are judged by; null for plain text.</param>
    /// <param name="role">Who must be there.</param>
    public static GrpcChannel Open(string address, PeerCredentials? credentials, PeerRole role = PeerRole.Worker) =>
        OpenOver(address, credentials?.ClientOptions(peer => peer.Role == role, address));

    /// <summary>To a rank's worker, and nobody else.</summary>
    public static GrpcChannel Open(PeerIdentity peer, PeerCredentials? credentials) =>
        OpenOver(peer.Address, credentials?.ClientOptions(name => peer.Is(name), peer.Address));

    /// <summary>With what is said of TLS; null for plain text.</summary>
    public static GrpcChannel OpenOver(string address, SslClientAuthenticationOptions? tls)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            InitialHttp2StreamWindowSize = WindowBytes,
            KeepAlivePingDelay = TimeSpan.FromSeconds(10),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        };
        if (tls is not null) handler.SslOptions = tls;
        return GrpcChannel.ForAddress($"{(tls is null ? "http" : "https")}://{address}", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }
}
