using System.Threading.Channels;
using Cluster.Protos.V1;
using Cluster.Testing.Hosting;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;

namespace Cluster.Worker.Tests.Support;

/// <summary>
/// A coordinator's Membership service: it hands each stream that a worker opens to the test. It does not want a worker 'unwanted', and resets the first
/// stream of a worker 'reset' as a server does that has forgotten the one before.
/// </summary>
internal sealed class TestCoordinator : IAsyncDisposable
{
    private readonly LoopbackServer _server;
    private readonly Channel<JoinedWorker> _joins;

    private TestCoordinator(LoopbackServer server, Channel<JoinedWorker> joins) => (_server, _joins) = (server, joins);

    public int Port => _server.Address.Port;

    public static async Task<TestCoordinator> StartAsync(int port = 0)
    {
        var joins = Channel.CreateUnbounded<JoinedWorker>();
        return new TestCoordinator(await LoopbackServer.StartAsync(Protos.V1.Membership.BindService(new Service(joins.Writer)), port), joins);
    }

    public ValueTask<JoinedWorker> NextJoinAsync() => _joins.Reader.ReadAsync();

    /// <summary>At once: streams that are open break.</summary>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>A worker's stream; it ends when <see cref="End"/> completes.</summary>
    internal sealed record JoinedWorker(
        WorkerDescription Description, IServerStreamWriter<MemberNotice> Notices, IAsyncStreamReader<WorkerReport> Reports, TaskCompletionSource End);

    private sealed class Service(ChannelWriter<JoinedWorker> joins) : Protos.V1.Membership.MembershipBase
    {
        // RFC 9113, section 7.
        private const int StreamClosed = 0x5;

        private int _resets;

        public override async Task Join(
            IAsyncStreamReader<WorkerReport> requestStream, IServerStreamWriter<MemberNotice> responseStream, ServerCallContext context)
        {
            Assert.True(await requestStream.MoveNext(context.CancellationToken));
            var description = requestStream.Current.Description;
            if (description.Name == "unwanted") throw new RpcException(new Status(StatusCode.AlreadyExists, "the name 'unwanted' is taken"));
            if (description.Name == "reset" && Interlocked.Increment(ref _resets) == 1)
            {
                context.GetHttpContext().Features.GetRequiredFeature<IHttpResetFeature>().Reset(StreamClosed);
                return;
            }

            await responseStream.WriteAsync(new MemberNotice { Welcome = new Welcome { WorkerName = description.Name, SnapshotVersion = 1 } });
            var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            joins.TryWrite(new JoinedWorker(description, responseStream, requestStream, end));
            await end.Task.WaitAsync(context.CancellationToken);
        }
    }
}
