using System.Net;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Weights;
using Cluster.Protos.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace Cluster.Coordinator.Tests.Membership;

public sealed class MembershipServiceTests : IAsyncLifetime
{
    private readonly MembershipRegistry _registry = new(TimeProvider.System);
    private MembershipServer? _server;
    private GrpcChannel? _channel;

    private Protos.V1.Membership.MembershipClient Client => new(_channel!);

    public async Task InitializeAsync()
    {
        var listener = MembershipListener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _server = await MembershipServer.StartAsync(listener, _registry, new OfferedModels(_registry, TimeProvider.System), null, TimeProvider.System, CancellationToken.None);
        _channel = GrpcChannel.ForAddress($"http://{listener.EndPoint}");
    }

    public async Task DisposeAsync()
    {
        _channel!.Dispose();
        await _server!.DisposeAsync();
    }

    [Fact]
    public async Task A_worker_is_a_member_for_as_long_as_its_stream_lives()
    {
        using var call = await JoinAsync("w");
        Assert.Equal(_registry.Current.Version, call.ResponseStream.Current.Welcome.SnapshotVersion);
        await call.RequestStream.WriteAsync(new WorkerReport());
        Assert.Single(_registry.Current.Members);

        await call.RequestStream.CompleteAsync();
        await _registry.WhenAsync(snapshot => snapshot.Members.IsEmpty, CancellationToken.None);
        Assert.False(await call.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task A_broken_stream_is_a_lost_worker()
    {
        var call = await JoinAsync("w");
        call.Dispose();

        var after = await _registry.WhenAsync(snapshot => snapshot.Members.IsEmpty, CancellationToken.None);
        Assert.Equal(2UL, after.Version);
    }

    [Fact]
    public async Task Members_are_told_to_shut_down()
    {
        using var call = await JoinAsync("w");

        _registry.ShutDown(_ => true);

        Assert.True(await call.ResponseStream.MoveNext());
        Assert.True(call.ResponseStream.Current.ShutDown);
    }

    [Fact]
    public async Task Refusals_are_statuses_with_one_line()
    {
        foreach (var report in new[] { new WorkerReport { Description = new WorkerDescription() }, new WorkerReport() })
        {
            using var call = Client.Join();

            // The refusal may come before the report is wholly written.
            var e = await Assert.ThrowsAsync<RpcException>(async () =>
            {
                await call.RequestStream.WriteAsync(report);
                await call.ResponseStream.MoveNext();
            });
            Assert.Equal(StatusCode.InvalidArgument, e.StatusCode);
            Assert.NotEmpty(e.Status.Detail);
        }
    }

    [Fact]
    public void A_taken_address_is_told_in_one_line()
    {
        using var first = MembershipListener.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        var e = Assert.Throws<IOException>(() => MembershipListener.Bind(first.EndPoint));
        Assert.StartsWith($"cannot listen for workers on {first.EndPoint}: ", e.Message, StringComparison.Ordinal);
    }

    private async Task<AsyncDuplexStreamingCall<WorkerReport, MemberNotice>> JoinAsync(string name)
    {
        var call = Client.Join();
        await call.RequestStream.WriteAsync(new WorkerReport
        {
            Description = new WorkerDescription { Name = name, Address = "127.0.0.1:1", Device = new Device { Id = "cpu" } },
        });
        Assert.True(await call.ResponseStream.MoveNext());
        Assert.Equal(name, call.ResponseStream.Current.Welcome.WorkerName);
        return call;
    }
}
