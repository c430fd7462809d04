using System.Net;
using System.Threading.Channels;
using Cluster.Protos.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Cluster.Worker.Tests.Support;

/// <summary>
/// A coordinator's Membership service: it hands each stream that a worker opens to the test. It does not want a worker 'unwanted', and resets the first
/// stream of a worker 'reset' as a server does that has forgotten the one before.
/// </summary>
internal sealed class TestCoordinator : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<JoinedWorker> _joins;

    private TestCoordinator(WebApplication app, Channel<JoinedWorker> joins, int port)
    {
        _app = app;
        _joins = joins;
        Port = port;
    }

    public int Port { get; }

    public static async Task<TestCoordinator> StartAsync(int port = 0)
    {
        var joins = Channel.CreateUnbounded<JoinedWorker>();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, port, endpoint => endpoint.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new Service(joins.Writer));
        var app = builder.Build();
        app.UseRouting();
        app.MapGrpcService<Service>();
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new TestCoordinator(app, joins, new Uri(address).Port);
    }

    public ValueTask<JoinedWorker> NextJoinAsync() => _joins.Reader.ReadAsync();

    public async ValueTask DisposeAsync()
    {
        // At once: streams that are open break.
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    /// <summary>A worker's stream; it ends when <see cref="End"/> completes.</summary>
    internal sealed record JoinedWorker(
        WorkerDescription Description, IServerStreamWriter<MemberNotice> Notices, IAsyncStreamReader<WorkerReport> Reports, TaskCompletionSource End);

    internal sealed class Service(ChannelWriter<JoinedWorker> joins) : Protos.V1.Membership.MembershipBase
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
