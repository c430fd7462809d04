using System.Collections.Concurrent;
using Cluster.Testing.Hosting;

namespace Cluster.Coordinator.Tests.Telemetry;

/// <summary>A collector that takes OTLP over http/protobuf and keeps what comes.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private LoopbackServer? _server;

    public Uri Address => _server!.Address;

    /// <summary>Path, media type and body of each message.</summary>
    public ConcurrentQueue<(string Path, string? Type, byte[] Body)> Messages { get; } = [];

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        receiver._server = await LoopbackServer.StartAsync(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            receiver.Messages.Enqueue((context.Request.Path, context.Request.ContentType, body.ToArray()));
            context.Response.ContentType = "application/x-protobuf";
        });
        return receiver;
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();
}
