using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Coordinator.Membership;

/// <summary>Listens for workers: the Membership service over HTTP/2 without TLS.</summary>
internal sealed class MembershipServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private MembershipServer(WebApplication app, IPEndPoint endPoint)
    {
        _app = app;
        EndPoint = endPoint;
    }

    /// <summary>Where it listens, with the port that the system chose if port 0 was asked for.</summary>
    public IPEndPoint EndPoint { get; }

    /// <exception cref="IOException">The address is taken or not this machine's.</exception>
    public static async Task<MembershipServer> StartAsync(
        IPEndPoint listen, MembershipRegistry registry, TimeProvider time, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, listen));
        builder.Services.AddGrpc();
        var app = builder.Build();
        app.UseRouting();
        app.MapGrpcService(Protos.V1.Membership.BindService(new MembershipService(registry, time)));
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        var bound = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        return new MembershipServer(app, new IPEndPoint(listen.Address, new Uri(bound).Port));
    }

    public async ValueTask DisposeAsync()
    {
        // Streams of members that are still there are cut off.
        using var now = new CancellationTokenSource();
        await now.CancelAsync().ConfigureAwait(false);
        await _app.StopAsync(now.Token).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static void Configure(KestrelServerOptions kestrel, IPEndPoint listen)
    {
        kestrel.AddServerHeader = false;

        // A member's stream is silent for most of its life.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MaxRequestBodySize = null;

        // A worker whose machine lost its power closes no connection; pings find that out.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(10);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
        kestrel.Listen(listen, static endpoint => endpoint.Protocols = HttpProtocols.Http2);
    }
}
