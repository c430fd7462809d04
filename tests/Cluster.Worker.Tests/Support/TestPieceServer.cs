using System.Threading.Channels;
using Cluster.Protos.V1;
using Cluster.Testing.Hosting;
using Grpc.Core;

namespace Cluster.Worker.Tests.Support;

/// <summary>A Weights service, a coordinator's or a peer's, that answers as a test wants.</summary>
internal sealed class TestPieceServer : IAsyncDisposable
{
    private readonly Channel<PieceAnnouncement> _announcements = Channel.CreateUnbounded<PieceAnnouncement>();
    private LoopbackServer? _server;

    public string Address => _server!.Address.Authority;

    public required Func<ReadPieceRequest, ModelPiece> Answer { get; set; }

    public static async Task<TestPieceServer> StartAsync(Func<ReadPieceRequest, ModelPiece> answer)
    {
        var server = new TestPieceServer { Answer = answer };
        server._server = await LoopbackServer.StartAsync(Protos.V1.Weights.BindService(new Service(server)));
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
    public void Break() => _ = _server!.StopAsync();

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private sealed class Service(TestPieceServer server) : Protos.V1.Weights.WeightsBase
    {
        public override Task<ModelPiece> Read(ReadPieceRequest request, ServerCallContext context) => Task.FromResult(server.Answer(request));

        public override Task<PieceAnnouncementReply> Announce(PieceAnnouncement request, ServerCallContext context)
        {
            server._announcements.Writer.TryWrite(request);
            return Task.FromResult(new PieceAnnouncementReply());
        }
    }
}
