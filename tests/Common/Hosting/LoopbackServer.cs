using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Testing.Hosting;

/// <summary>What a test's program talks to: Kestrel on the loopback, in plain text.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackServer(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.First());
    }

    /// <summary>Also when nothing answers there any more.</summary>
    public Uri Address { get; }

    /// <summary>Answers requests over HTTP/1.1.</summary>
    public static Task<LoopbackServer> StartAsync(RequestDelegate answer) => StartAsync(HttpProtocols.Http1, 0, app => app.Run(answer));

    /// <summary>Serves gRPC.</summary>
    /// <param name="service">What answers.</param>
    /// <param name="port">0 for one that is free.</param>
    public static Task<LoopbackServer> StartAsync(ServerServiceDefinition service, int port = 0) => StartAsync(HttpProtocols.Http2, port, app =>
    {
        app.UseRouting();
        app.MapGrpcService(service);
    });

    /// <summary>Cuts off all calls, as a killed process does.</summary>
    public Task StopAsync() => _app.StopAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _app.DisposeAsync();
    }

    private static async Task<LoopbackServer> StartAsync(HttpProtocols protocols, int port, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, endpoint => endpoint.Protocols = protocols));
        builder.Services.AddGrpc();
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return new LoopbackServer(app);
    }
}
