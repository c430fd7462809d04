using System.Net;
using System.Threading.Channels;
using Cluster.Protos.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Worker.Tests.Support;

/// <summary>A Weights service, a coordinator's or a peer's, that answers as a test wants.</summary>
internal sealed class TestPieceServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<PieceAnnouncement> _announcements = Channel.CreateUnbounded<PieceAnnouncement>();

    private TestPieceServer(WebApplication app) => _app = app;

    public string Address { get; private set; } = "";

    public Func<ReadPieceRequest, ModelPiece> Answer { get; set; } = null!;

    public static async Task<TestPieceServer> StartAsync(Func<ReadPieceRequest, ModelPiece> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<Service>();
        TestPieceServer? server = null;
        builder.Services.AddSingleton(_ => server!);
        var app = builder.Build();
        server = new TestPieceServer(app) { Answer = answer };
        app.UseRouting();
        app.MapGrpcService<Service>();
        await app.StartAsync();
        server.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Authority;
        return server;
    }

    /// <summary>Returns when the worker has announced all these pieces.</summary>
    public async Task WhenAnnouncedAsync(string holder, IEnumerable<uint> indexes)
    {
        var missing = indexes.ToHashSet();
        while (missing.Count > 0)
        {
            var next = await _announcements.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
            if (next.Holder == holder) missing.ExceptWith(next.Indexes);
        }
    }

    /// <summary>Cuts off all calls.</summary>
    public void Break() => _ = _app.StopAsync(new CancellationToken(canceled: true));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    internal sealed class Service(TestPieceServer server) : Protos.V1.Weights.WeightsBase
    {
        public override Task<ModelPiece> Read(ReadPieceRequest request, ServerCallContext context) => Task.FromResult(server.Answer(request));

        public override Task<PieceAnnouncementReply> Announce(PieceAnnouncement request, ServerCallContext context)
        {
            server._announcements.Writer.TryWrite(request);
            return Task.FromResult(new PieceAnnouncementReply());
        }
    }
}
