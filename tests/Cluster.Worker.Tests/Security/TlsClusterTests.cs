using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Cluster.Worker.Collectives;
using Cluster.Worker.Collectives.Links;
using Cluster.Worker.Tests.Support;
using Grpc.Core;

namespace Cluster.Worker.Tests.Security;

public sealed class TlsClusterTests : IDisposable
{
    private readonly TestAuthority _authority = new(TimeProvider.System);
    private readonly TestAuthority _other = new(TimeProvider.System);

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
    }

    [Theory]
    [InlineData(2, ChannelKind.Socket)]
    [InlineData(3, ChannelKind.Socket)]
    [InlineData(2, ChannelKind.Grpc)]
    public async Task RanksSumOverTls(int size, ChannelKind channel)
    {
        int[] counts = [1, 33, 2048, 4096, 5 * 65_536 + 77];
        var sums = new float[size][][];
        await using var cluster = await TestCluster.StartAsync(size, 1, (rank, collective, _, _, _) =>
        {
            var buffers = counts.Select(count => new HostBuffer([.. Enumerable.Range(0, count).Select(i => (float)((i * 7 + rank * 3) % 101))])).ToArray();
            foreach (var buffer in buffers)
            {
                ((MeshCollective)collective).AllReduceInOneHop(buffer, buffer.Values.Length);
            }

            sums[rank] = [.. buffers.Select(buffer => buffer.Values)];
        }, channel: channel, authority: _authority);

        var results = await cluster.RunAsync(1);

        Assert.All(results, result => Assert.Equal("", result.Error));
        foreach (var rank in sums)
        {
            for (var i = 0; i < counts.Length; i++)
                Assert.Equal(Enumerable.Range(0, counts[i]).Select(j => Enumerable.Range(0, size).Sum(r => (float)((j * 7 + r * 3) % 101))), rank[i]);
        }
    }

    [Fact]
    public async Task WhoHasNoGoodCertificateIsRefusedAndTold()
    {
        var refusals = new List<PeerRefusal>();
        var own = _authority.Credentials(PeerName.OfWorker("w"));
        own.Revoked = new RevocationList([new Revocation("bad", DateTimeOffset.MaxValue)]);
        own.Refused += (_, verdict) =>
        {
            lock (refusals) refusals.Add(verdict.Refusal!.Value);
        };
        await using var worker = await TestWorker.StartAsync("w", new WorkLoader((_, _, _, _, _) => { }), credentials: own, coordinator: _authority.Credentials(PeerName.Coordinator));
        var anonymous = _authority.Credentials(PeerName.OfWorker("x")).ClientOptions(_ => true, null);
        anonymous.LocalCertificateSelectionCallback = null;

        using (var stranger = PeerChannel.OpenOver(worker.Address, anonymous)) await RefusedAsync(stranger.CreateCallInvoker());
        await RefusedAsync(_other.Credentials(PeerName.Coordinator, trusted: _authority), worker);
        await RefusedAsync(_authority.Credentials(PeerName.Coordinator, TimeSpan.FromSeconds(-1)), worker);
        await RefusedAsync(_authority.Credentials(PeerName.OfWorker("bad")), worker);

        Assert.Equal([PeerRefusal.NoCertificate, PeerRefusal.OtherCluster, PeerRefusal.Expired, PeerRefusal.Revoked], refusals);
        await worker.Client.EchoAsync(new EchoRequest());
        using var plain = PeerChannel.Open(worker.Address, null);
        await RefusedAsync(plain.CreateCallInvoker());
    }

    [Fact]
    public async Task AServerOfAnotherClusterIsNotTalkedTo()
    {
        await using var worker = await TestWorker.StartAsync(
            "w", new WorkLoader((_, _, _, _, _) => { }), credentials: _other.Credentials(PeerName.OfWorker("w"), trusted: _authority), coordinator: _authority.Credentials(PeerName.Coordinator));

        await Assert.ThrowsAsync<RpcException>(async () => await worker.Client.EchoAsync(new EchoRequest()));
    }

    [Fact]
    public async Task APeerMayOnlyDoWhatPeersDo()
    {
        var own = _authority.Credentials(PeerName.OfWorker("w"));
        await using var worker = await TestWorker.StartAsync("w", new WorkLoader((_, _, _, _, _) => { }), credentials: own, coordinator: _authority.Credentials(PeerName.Coordinator));
        using var channel = PeerChannel.Open(worker.Address, _authority.Credentials(PeerName.OfWorker("v")));
        var peer = new Protos.V1.Worker.WorkerClient(channel);

        await peer.EchoAsync(new EchoRequest());
        var e = await Assert.ThrowsAsync<RpcException>(async () => await peer.UnloadShardAsync(new UnloadShardRequest()));
        Assert.Equal(StatusCode.PermissionDenied, e.StatusCode);
        await worker.Client.UnloadShardAsync(new UnloadShardRequest());

        // On the connection that there is.
        own.Revoked = new RevocationList([new Revocation("v", DateTimeOffset.MaxValue)]);
        e = await Assert.ThrowsAsync<RpcException>(async () => await peer.EchoAsync(new EchoRequest()));
        Assert.Equal(StatusCode.PermissionDenied, e.StatusCode);
    }

    [Fact]
    public async Task NobodyTakesTheMissingRanksPlaceButItsWorker()
    {
        await using var worker = await TestWorker.StartAsync(
            "w0", new WorkLoader((_, _, _, _, _) => { }), credentials: _authority.Credentials(PeerName.OfWorker("w0")), coordinator: _authority.Credentials(PeerName.Coordinator));
        using var loading = worker.Client.LoadShard(Requests.Load(1, 0, 2, [worker.Address, "127.0.0.1:9"]));
        using var stranger = PeerChannel.Open(worker.Address, _authority.Credentials(PeerName.OfWorker("w2")));
        using var wanted = PeerChannel.Open(worker.Address, _authority.Credentials(PeerName.OfWorker("w1")));
        var channel = new OpenChannelRequest { PlanVersion = 1, Listener = 0, Caller = 1 };

        var e = await Assert.ThrowsAsync<RpcException>(async () => await new Protos.V1.Worker.WorkerClient(stranger).OpenChannelAsync(channel));
        Assert.Equal(StatusCode.PermissionDenied, e.StatusCode);
        using var exchange = new Protos.V1.Worker.WorkerClient(stranger).Exchange(new ExchangeRequest { PlanVersion = 1, Sender = 0, Receiver = 1 });
        e = await Assert.ThrowsAsync<RpcException>(() => exchange.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(StatusCode.PermissionDenied, e.StatusCode);

        Assert.NotEqual(0, (await new Protos.V1.Worker.WorkerClient(wanted).OpenChannelAsync(channel)).Port);
    }

    private static async Task RefusedAsync(PeerCredentials credentials, TestWorker worker)
    {
        using var channel = PeerChannel.Open(worker.Address, credentials);
        await RefusedAsync(channel.CreateCallInvoker());
    }

    private static async Task RefusedAsync(CallInvoker invoker)
    {
        var e = await Assert.ThrowsAsync<RpcException>(async () => await new Protos.V1.Worker.WorkerClient(invoker).EchoAsync(new EchoRequest()));
        Assert.NotEqual(StatusCode.OK, e.StatusCode);
    }
}
