using Cluster.Protos.Frames;
using Cluster.Protos.V1;
using Grpc.Core;

namespace Cluster.Protos.Services;

/// <summary>What a worker serves; the counterpart of the generated base with <see cref="WorkerMethods"/>' types.</summary>
[BindServiceMethod(typeof(WorkerServiceBase), nameof(BindService))]
public abstract class WorkerServiceBase
{
    public abstract Task LoadShard(LoadShardRequest request, IServerStreamWriter<LoadShardProgress> responseStream, ServerCallContext context);

    public abstract Task Execute(
        IAsyncStreamReader<StepRequest> requestStream, IServerStreamWriter<StepResult> responseStream, ServerCallContext context);

    public abstract Task Exchange(ExchangeRequest request, IServerStreamWriter<Frame> responseStream, ServerCallContext context);

    public abstract Task<OpenChannelReply> OpenChannel(OpenChannelRequest request, ServerCallContext context);

    public abstract Task FormDeviceGroup(
        IAsyncStreamReader<DeviceGroupRequest> requestStream, IServerStreamWriter<DeviceGroupReply> responseStream, ServerCallContext context);

    public abstract Task ReadCache(ReadCacheRequest request, IServerStreamWriter<CachePart> responseStream, ServerCallContext context);

    public abstract Task<WriteCacheReply> WriteCache(IAsyncStreamReader<WriteCacheRequest> requestStream, ServerCallContext context);

    public abstract Task<ProbeReply> Probe(ProbeRequest request, ServerCallContext context);

    public abstract Task<MeasureLinksReply> MeasureLinks(MeasureLinksRequest request, ServerCallContext context);

    public abstract Task<EchoReply> Echo(EchoRequest request, ServerCallContext context);

    public abstract Task<DeviceLimits> MeasureLimits(MeasureLimitsRequest request, ServerCallContext context);

    public abstract Task<UnloadShardReply> UnloadShard(UnloadShardRequest request, ServerCallContext context);

    /// <summary>Registers the methods; a null <paramref name="service"/> registers their names alone.</summary>
    public static void BindService(ServiceBinderBase binder, WorkerServiceBase? service)
    {
        ArgumentNullException.ThrowIfNull(binder);
        binder.AddMethod(WorkerMethods.LoadShard, service is null ? null : service.LoadShard);
        binder.AddMethod(WorkerMethods.Execute, service is null ? null : service.Execute);
        binder.AddMethod(WorkerMethods.Exchange, service is null ? null : service.Exchange);
        binder.AddMethod(WorkerMethods.OpenChannel, service is null ? null : service.OpenChannel);
        binder.AddMethod(WorkerMethods.FormDeviceGroup, service is null ? null : service.FormDeviceGroup);
        binder.AddMethod(WorkerMethods.ReadCache, service is null ? null : service.ReadCache);
        binder.AddMethod(WorkerMethods.WriteCache, service is null ? null : service.WriteCache);
        binder.AddMethod(WorkerMethods.Probe, service is null ? null : service.Probe);
        binder.AddMethod(WorkerMethods.MeasureLinks, service is null ? null : service.MeasureLinks);
        binder.AddMethod(WorkerMethods.Echo, service is null ? null : service.Echo);
        binder.AddMethod(WorkerMethods.MeasureLimits, service is null ? null : service.MeasureLimits);
        binder.AddMethod(WorkerMethods.UnloadShard, service is null ? null : service.UnloadShard);
    }
}
