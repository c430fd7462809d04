using System.Threading.Channels;
using Cluster.Compute.Shards;
using Cluster.Protos.Frames;
using Cluster.Protos.Security;
using Cluster.Protos.Services;
using Cluster.Protos.V1;
using Cluster.Worker.Shards;
using Cluster.Worker.Steps;
using Grpc.Core;
using Grpc.Streams;

namespace Cluster.Worker.Services;

/// <summary>The gRPC face of the worker's <see cref="ShardHost"/>. Every failure is a status with one line that names the worker.</summary>
internal sealed class WorkerService(ShardHost host, ShardHostOptions options, LimitsMeter limits) : WorkerServiceBase
{
    public override async Task LoadShard(
        LoadShardRequest request, IServerStreamWriter<LoadShardProgress> responseStream, ServerCallContext context)
    {
        // Only the latest progress matters to a caller that reads slowly.
        var progress = Channel.CreateBounded<ShardLoadProgress>(new BoundedChannelOptions(1)
        {
            FullMode = BoundedChannelFullMode.DropOldest,
            SingleReader = true,
            SingleWriter = true,
        });
        var loading = host.LoadAsync(request, progress.Writer, context.CancellationToken);
        try
        {
            var total = 0L;
            await foreach (var report in progress.Reader.ReadAllAsync(context.CancellationToken).ConfigureAwait(false))
            {
                total = report.TotalBytes;
                await responseStream.WriteAsync(ToMessage(report)).ConfigureAwait(false);
            }

            var memory = await loading.ConfigureAwait(false);
            var ready = ToMessage(new ShardLoadProgress(total, total));
            ready.Ready = ToMessage(memory);
            await responseStream.WriteAsync(ready).ConfigureAwait(false);
        }
        catch (ShardLoadException e)
        {
            throw Error(ToStatus(e.Failure), e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException and not RpcException)
        {
            throw Error(StatusCode.Internal, $"{e.GetType().Name}: {e.Message}");
        }
        finally
        {
            // The load sees the same cancellation; the call does not end before it.
            await ((Task)loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public override Task Execute(
        IAsyncStreamReader<StepRequest> requestStream, IServerStreamWriter<StepResult> responseStream, ServerCallContext context) =>
        NamedAsync(host.ExecuteAsync(
            (IMessageStreamReader<StepRequest>)requestStream, (IMessageStreamWriter<StepResult>)responseStream, context.CancellationToken));

    public override Task Exchange(ExchangeRequest request, IServerStreamWriter<Frame> responseStream, ServerCallContext context) =>
        NamedAsync(host.ExchangeAsync(request, CallerOf(context), (IMessageStreamWriter<Frame>)responseStream, context.CancellationToken));

    public override async Task<OpenChannelReply> OpenChannel(OpenChannelRequest request, ServerCallContext context)
    {
        var opening = host.OpenChannelAsync(request, CallerOf(context), context.CancellationToken);
        await NamedAsync(opening).ConfigureAwait(false);
        return await opening.ConfigureAwait(false);
    }

    public override Task FormDeviceGroup(
        IAsyncStreamReader<DeviceGroupRequest> requestStream, IServerStreamWriter<DeviceGroupReply> responseStream, ServerCallContext context) =>
        NamedAsync(host.FormDeviceGroupAsync(requestStream, CallerOf(context), responseStream, context.CancellationToken));

    public override Task ReadCache(ReadCacheRequest request, IServerStreamWriter<CachePart> responseStream, ServerCallContext context) =>
        NamedAsync(host.ReadCacheAsync(request, responseStream, context.CancellationToken));

    public override async Task<WriteCacheReply> WriteCache(IAsyncStreamReader<WriteCacheRequest> requestStream, ServerCallContext context)
    {
        var writing = host.WriteCacheAsync(requestStream, context.CancellationToken);
        await NamedAsync(writing).ConfigureAwait(false);
        return new WriteCacheReply { WrittenBytes = (ulong)await writing.ConfigureAwait(false) };
    }

    public override Task<DeviceLimits> MeasureLimits(MeasureLimitsRequest request, ServerCallContext context) =>
        limits.MeasureAsync(context.CancellationToken);

    public override async Task<ProbeReply> Probe(ProbeRequest request, ServerCallContext context) =>
        new() { Reached = await PeerProbe.ReachesAsync(request.Address, options.Credentials, context.CancellationToken).ConfigureAwait(false) };

    public override async Task<MeasureLinksReply> MeasureLinks(MeasureLinksRequest request, ServerCallContext context) =>
        new() { Links = { await LinkMeter.MeasureAsync(request.Addresses, options.Credentials, context.CancellationToken).ConfigureAwait(false) } };

    public override Task<EchoReply> Echo(EchoRequest request, ServerCallContext context) => Task.FromResult(new EchoReply());

    public override async Task<UnloadShardReply> UnloadShard(UnloadShardRequest request, ServerCallContext context)
    {
        await host.UnloadAsync(request.PlanVersion).ConfigureAwait(false);
        return new UnloadShardReply();
    }

    private static LoadShardProgress ToMessage(ShardLoadProgress progress) => new()
    {
        LoadedBytes = (ulong)progress.LoadedBytes,
        TotalBytes = (ulong)progress.TotalBytes,
    };

    private static ShardReady ToMessage(ShardMemory memory) => new()
    {
        WeightBytes = (ulong)memory.Weights,
        KvCacheBytes = (ulong)memory.KvCache,
        ScratchBytes = (ulong)memory.Scratch,
        KvBytesPerToken = (ulong)memory.KvPerToken,
        CacheBytes = { memory.KvCaches.Select(bytes => (ulong)bytes) },
        FromCoordinatorBytes = (ulong)memory.Origins.Coordinator,
        FromPeersBytes = (ulong)memory.Origins.Peers,
        FromCacheBytes = (ulong)memory.Origins.Cache,
        GroupLibrary = memory.GroupLibrary,
    };

    private static StatusCode ToStatus(ShardLoadFailure failure) => failure switch
    {
        ShardLoadFailure.InvalidRequest => StatusCode.InvalidArgument,
        ShardLoadFailure.ModelNotFound => StatusCode.NotFound,
        ShardLoadFailure.WrongModel => StatusCode.FailedPrecondition,
        ShardLoadFailure.Device => StatusCode.ResourceExhausted,
        ShardLoadFailure.PeerUnreachable => StatusCode.Unavailable,
        _ => StatusCode.Aborted,
    };

    /// <summary>Null in a cluster without certificates.</summary>
    private static PeerName? CallerOf(ServerCallContext context) =>
        context.GetHttpContext().Connection.ClientCertificate is { } certificate ? PeerCertificates.NameOf(certificate) : null;

    private async Task NamedAsync(Task call)
    {
        try
        {
            await call.ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            throw Error(e.StatusCode, e.Status.Detail);
        }
    }

    private RpcException Error(StatusCode code, string problem) =>
        new(new Status(code, OneLine.Of($"worker {options.WorkerName}: {problem}")));
}
