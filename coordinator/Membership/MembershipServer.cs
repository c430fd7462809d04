using Cluster.Coordinator.Security;
using Cluster.Coordinator.Weights;
using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Coordinator.Membership;

/// <summary>What workers call: the Membership service, and the one that sends them models, over HTTP/2, under TLS where the cluster has an authority.</summary>
internal sealed class MembershipServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private MembershipServer(WebApplication app) => _app = app;

    /// <summary>Answers on the listener's socket, which is the server's from now on.</summary>
    public static async Task<MembershipServer> StartAsync(
        MembershipListener listener, MembershipRegistry registry, OfferedModels models, ClusterSecurity? security, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Configure(kestrel, listener, security?.Credentials));
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = _ => listener.Socket);
        builder.Services.AddGrpc();
        var app = builder.Build();
        if (security is not null) app.Use(new PeerGate(security).HandleAsync);
        app.UseRouting();
        app.MapGrpcService(Protos.V1.Membership.BindService(new MembershipService(registry, security, time)));
        app.MapGrpcService(Protos.V1.Weights.BindService(new WeightsService(models)));
        if (security is not null) app.MapGrpcService(Enrollment.BindService(new EnrollmentService(security, registry)));
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            return new MembershipServer(app);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Streams of members that are still there are cut off.
        using var now = new CancellationTokenSource();
        await now.CancelAsync().ConfigureAwait(false);
        await _app.StopAsync(now.Token).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static void Configure(KestrelServerOptions kestrel, MembershipListener listener, PeerCredentials? credentials)
    {
        kestrel.AddServerHeader = false;

        // A member's stream is silent for most of its life.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MaxRequestBodySize = null;

        // A worker whose machine lost its power closes no connection; pings find that out.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(10);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
        kestrel.Listen(listener.EndPoint, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http2;
            if (credentials is not null) endpoint.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(credentials.OpenServerOptions()) });
        });
    }
}
