using System.Net;
using Cluster.Coordinator.Api.Access;
using Cluster.Coordinator.Api.Keys;
using Cluster.Coordinator.Page;
using Cluster.Coordinator.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Coordinator.Api;

/// <summary>The HTTP API.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiServer(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
    }

    /// <summary>Where it listens, with the port that the system chose if port 0 was asked for.</summary>
    public Uri Address { get; }

    /// <exception cref="ClusterException">The file of keys, or the certificate, cannot be read.</exception>
    /// <exception cref="IOException">The address is taken or not this machine's.</exception>
    public static async Task<ApiServer> StartAsync(
        ApiOptions options, ServingState state, ClusterView view, ServerTelemetry telemetry, TimeProvider time, CancellationToken cancellationToken)
    {
        var keys = options.KeyFile is { } keyFile ? new KeyGuard(new ApiKeys(keyFile, options.Log, time), time) : null;
        var certificate = options.Tls is { } files ? new ServerCertificate(files, options.Log, time) : null;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxRequestBytes;
            kestrel.Listen(options.Listen, endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http1;
                if (certificate is not null) endpoint.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(certificate.Options) });
            });
        });
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.Use(telemetry.Requests.ObserveAsync);
        app.Use(ApiFailures.HandleAsync);
        var origins = new CrossOriginAccess(options.CrossOrigins);
        app.Use(origins.HandleAsync);
        if (keys is null) app.Use(new BrowserGuard(options.Listen.Address, origins).HandleAsync);
        app.UseRouting();
        if (keys is not null) app.Use(keys.HandleAsync);
        app.Use(AdministrationGuard.HandleAsync);
        Map(app, ApiRoutes.Create(state, view, telemetry, options, time));
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
        return new ApiServer(app, new Uri($"{(certificate is null ? "http" : "https")}://{new IPEndPoint(options.Listen.Address, new Uri(bound).Port)}"));
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _app.StopAsync(patience.Token).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private static void Map(WebApplication app, IReadOnlyList<ApiRoute> routes)
    {
        foreach (var route in routes)
        {
            var endpoint = app.MapMethods(route.Path, [route.Method], route.Handle);
            if (route.IsOpen) endpoint.WithMetadata(OpenAccess.Mark);
            if (route.IsAdministration) endpoint.WithMetadata(Administration.Mark);
        }

        app.MapGet("/", PageEndpoint.IndexAsync).WithMetadata(OpenAccess.Mark);
        foreach (var (name, file) in PageFiles.All) app.MapGet($"/{name}", context => PageEndpoint.FileAsync(context, file)).WithMetadata(OpenAccess.Mark);
        app.MapFallback(context => JsonResponses.WriteAsync(
            context, new ApiError(StatusCodes.Status404NotFound, $"There is no {context.Request.Method} {context.Request.Path}.")));
    }
}
