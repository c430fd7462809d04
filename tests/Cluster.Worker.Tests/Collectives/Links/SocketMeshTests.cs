using System.Buffers.Binary;
using System.Net.Sockets;
using Cluster.Compute.Collectives;
using Cluster.Protos.V1;
using Cluster.Worker.Collectives.Channels;
using Cluster.Worker.Collectives.Links;
using Cluster.Worker.Tests.Support;
using Cluster.Worker.Threading;

namespace Cluster.Worker.Tests.Collectives.Links;

public sealed class SocketMeshTests : IAsyncDisposable
{
    private const int Large = 4 << 20;
    private static readonly string[] s_addresses = ["127.0.0.1:11", "127.0.0.1:12"];

    private readonly PeerMesh[] _meshes = new PeerMesh[2];
    private readonly ShardAbort[] _aborts = [new(), new()];
    private readonly Socket[] _sockets;

    public SocketMeshTests()
    {
        var (first, second) = SocketPair.Connect();
        _sockets = [first, second];
        for (var rank = 0; rank < 2; rank++)
        {
            _meshes[rank] = new PeerMesh(1, rank, MeshPeers.Of(rank, 2, s_addresses, ["w0", "w1"]), Large, new WakeSignal(), _aborts[rank], null);
            Assert.True(_meshes[rank].Find(1 - rank)!.Attach(new PlainTransport(_sockets[rank])));
            _meshes[rank].BeginStep(1);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var mesh in _meshes) await mesh.DisposeAsync();
    }

    [Fact]
    public async Task TwoRanksSendLargeFramesToEachOtherAtOnce()
    {
        const int frames = 4;
        var sent = new[] { Bytes(3, Large), Bytes(4, Large) };
        await BothAsync(rank =>
        {
            for (var i = 0u; i < frames; i++) _meshes[rank].Send(1 - rank, i, FrameKind.Partial, sent[rank].AsMemory((int)i));
            for (var i = 0u; i < frames; i++)
            {
                var expected = sent[1 - rank].AsSpan((int)i);
                Assert.True(expected.SequenceEqual(_meshes[rank].Receive(1 - rank, i, FrameKind.Partial, expected.Length)));
                _meshes[rank].Release(1 - rank);
            }
        });
    }

    [Fact]
    public async Task FramesOfManySizesStayInOrder()
    {
        int[] sizes = [0, 1, 8192, 70_000, 31, 65_536, 300_000, 2, 1 << 20, 8192];
        await BothAsync(rank =>
        {
            for (var i = 0u; i < 5 * sizes.Length; i++)
            {
                var size = sizes[i % sizes.Length];
                _meshes[rank].Send(1 - rank, i, FrameKind.AllGather, Bytes((int)i + rank, size));
                Assert.True(_meshes[rank].Receive(1 - rank, i, FrameKind.AllGather, size).SequenceEqual(Bytes((int)i + 1 - rank, size)));
                _meshes[rank].Release(1 - rank);
            }
        });
    }

    [Fact]
    public async Task AFrameThatWasGivenUpHalfwayLeavesBeforeTheNextStepsAndIsDropped()
    {
        var payload = Bytes(9, Large);
        var steps = new AbortReason();
        _aborts[0].Follow(steps);
        var sending = Task.Run(() =>
        {
            // Nobody reads: the socket takes some of these, then part of one.
            for (var i = 0u; ; i++) _meshes[0].Send(1, i, FrameKind.Partial, payload);
        });
        while (_sockets[1].Available == 0) await Task.Yield();
        steps.Set("the step was cancelled");
        Assert.Equal("the step was cancelled", (await Assert.ThrowsAsync<PeerLostException>(() => sending)).Message);

        _aborts[0].Follow(null);
        foreach (var mesh in _meshes) mesh.BeginStep(2);
        var next = Bytes(10, 5000);
        await BothAsync(rank =>
        {
            if (rank == 0) _meshes[0].Send(1, 0, FrameKind.Partial, next);
            else Assert.True(_meshes[1].Receive(0, 0, FrameKind.Partial, next.Length).SequenceEqual(next));
        });
        Assert.True(_meshes[1].StaleFrames > 0);
    }

    [Fact]
    public async Task AnAbortEndsAWaitingRank()
    {
        var waiting = Task.Run(() => { _meshes[0].Receive(1, 0, FrameKind.Partial, 64); });
        _aborts[0].AbortShard("plan 2 replaced this one");

        var e = await Assert.ThrowsAsync<PeerLostException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(30)));

        Assert.Equal("plan 2 replaced this one", e.Message);
    }

    [Fact]
    public async Task AClosedSocketIsALostPeerOnceItsFramesAreTaken()
    {
        var last = Bytes(5, 100);
        _meshes[1].Send(0, 0, FrameKind.Partial, last);
        await _meshes[1].DisposeAsync();

        Assert.True(_meshes[0].Receive(1, 0, FrameKind.Partial, 100).SequenceEqual(last));
        _meshes[0].Release(1);
        var e = Assert.Throws<PeerLostException>(() => { _meshes[0].Receive(1, 1, FrameKind.Partial, 100); });
        Assert.Equal("rank 1 at 127.0.0.1:12 is lost: it closed the connection", e.Message);
    }

    [Theory]
    [InlineData(0, 0x12345678)]
    [InlineData(4, -1)]
    [InlineData(4, Large + 1)]
    [InlineData(28, 5)]
    [InlineData(28, -1)]
    public void AMalformedHeaderEndsTheLink(int at, int value)
    {
        _meshes[1].Send(0, 0, FrameKind.Partial, Bytes(6, 40));
        var frame = new byte[72];
        while (_sockets[0].Available < frame.Length) Thread.Yield();
        Assert.Equal(frame.Length, _sockets[0].Receive(frame));
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(at), value);
        _sockets[1].Send(frame);

        var e = Assert.Throws<PeerLostException>(() => { _meshes[0].Receive(1, 0, FrameKind.Partial, 40); });

        Assert.Equal("rank 1 at 127.0.0.1:12 is lost: it sent a malformed frame header", e.Message);
    }

    private static byte[] Bytes(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static Task BothAsync(Action<int> work) =>
        Task.WhenAll(Task.Run(() => work(0)), Task.Run(() => work(1))).WaitAsync(TimeSpan.FromSeconds(60));
}
