using System.Net;
using Cluster.Compute.Devices;
using Cluster.Protos.Security;
using Cluster.Protos.Services;
using Cluster.Worker.CommandLine;
using Cluster.Worker.Security;
using Cluster.Worker.Services;
using Cluster.Worker.Shards;
using Cluster.Worker.Weights;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cluster.Worker.Hosting;

/// <summary>
/// The worker's gRPC server: the Worker service, pieces of models for other workers, and <c>grpc.health.v1</c> on HTTP/2, under mutual TLS where there
/// are credentials.
/// </summary>
internal sealed class WorkerServer : IAsyncDisposable
{
    /// <summary>Response bytes that Kestrel holds for a stream before a write waits: some frames of the largest kind.</summary>
    private const long ResponseBufferBytes = 1024 * 1024;

    private readonly WebApplication _app;

    private WorkerServer(WebApplication app) => _app = app;

    /// <summary>Where it listens, with the port that the system chose.</summary>
    public HostPort Address { get; private set; }

    /// <summary>Binds and starts.</summary>
    /// <exception cref="IOException">The address is taken or is not this machine's.</exception>
    public static async Task<WorkerServer> StartAsync(
        HostPort listen, ShardHost host, ShardHostOptions options, IDevice device, HeldPieces held, Action<ILoggingBuilder> logging, CancellationToken cancellationToken)
    {
        // The empty builder: no configuration files, no environment, no host filtering. A worker has its command line.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        logging(builder.Logging);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Configure(kestrel, listen, options.Credentials));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(_ => new LimitsMeter(device));
        builder.Services.AddSingleton(services => new WorkerService(host, options, services.GetRequiredService<LimitsMeter>()));
        builder.Services.AddSingleton(new PeerWeightsService(held));
        var health = new HealthServiceImpl();
        foreach (var service in (ReadOnlySpan<string>)["", WorkerMethods.ServiceName])
            health.SetStatus(service, HealthCheckResponse.Types.ServingStatus.Serving);
        builder.Services.AddSingleton(health);

        var app = builder.Build();
        if (options.Credentials is { } credentials) app.Use(new PeerMethodGuard(credentials).HandleAsync);
        app.UseRouting();
        app.MapGrpcService<WorkerService>();
        app.MapGrpcService<PeerWeightsService>();
        app.MapGrpcService<HealthServiceImpl>();
        var server = new WorkerServer(app);
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        server.Address = listen with { Port = new Uri(bound).Port };
        return server;
    }

    /// <summary>Ends all calls and stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        // Calls end with their shard; whoever still holds one is cut off.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _app.StopAsync(patience.Token).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static void Configure(KestrelServerOptions kestrel, HostPort listen, PeerCredentials? credentials)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxResponseBufferSize = ResponseBufferBytes;

        // Streams live as long as a plan and may be silent between requests.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.MaxRequestBodySize = null;

        // A machine that lost its power closes no connection; pings find that out.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(10);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);

        if (listen.Host == "localhost") kestrel.ListenLocalhost(listen.Port, Use);
        else if (IPAddress.TryParse(listen.Host.Trim('[', ']'), out var address)) kestrel.Listen(address, listen.Port, Use);
        else kestrel.ListenAnyIP(listen.Port, Use);

        void Use(ListenOptions endpoint)
        {
            endpoint.Protocols = HttpProtocols.Http2;
            if (credentials is null) return;
            endpoint.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = context => ValueTask.FromResult(credentials.ServerOptions(static _ => true, context.Connection.RemoteEndPoint?.ToString())),
            });
        }
    }
}
