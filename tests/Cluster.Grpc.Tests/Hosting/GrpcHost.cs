using Grpc.AspNetCore.Server;
using Grpc.Net.Client;
using Grpc.Tests.Protos;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Grpc.Tests.Hosting;

/// <summary>Kestrel on a free port of the loopback, and a channel to it.</summary>
internal sealed class GrpcHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GrpcHost(WebApplication app, GrpcChannelOptions? channelOptions, LogSink log)
    {
        _app = app;
        Log = log;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Channel = GrpcChannel.ForAddress(Address, channelOptions ?? new GrpcChannelOptions());
        Client = new Echo.EchoClient(Channel);
    }

    public Uri Address { get; }

    public GrpcChannel Channel { get; }

    public Echo.EchoClient Client { get; }

    public LogSink Log { get; }

    public static Task<GrpcHost> StartAsync(EchoHandlers handlers, GrpcChannelOptions? channel = null, int port = 0) =>
        StartAsync(app => app.MapGrpcService<EchoService>(), services => services.AddSingleton(handlers), channel: channel, port: port);

    public static async Task<GrpcHost> StartAsync(
        Action<WebApplication> map,
        Action<IServiceCollection>? services = null,
        Action<GrpcServiceOptions>? options = null,
        Action<ListenOptions>? listen = null,
        GrpcChannelOptions? channel = null,
        int port = 0)
    {
        var log = new LogSink();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http2;
            listen?.Invoke(endpoint);
        }));
        builder.Services.AddGrpc(options ?? (_ => { }));
        services?.Invoke(builder.Services);
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return new GrpcHost(app, channel, log);
    }

    /// <summary>Stops as a program does on SIGTERM: calls in progress may end by themselves.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
