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

    public static GrpcChannel Open(string address) => GrpcChannel.ForAddress($"http://{address}", new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
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
        },
        DisposeHttpClient = true,
    });
}
