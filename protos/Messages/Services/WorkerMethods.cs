using Cluster.Protos.Frames;
using Cluster.Protos.V1;
using Grpc.Core;

namespace Cluster.Protos.Services;

/// <summary>
/// The methods of <c>cluster.v1.Worker</c>. They differ from the generated ones in the type of <see cref="Exchange"/>'s responses
/// alone: its frames are written by hand, because a generated message would allocate its payload for every frame.
/// </summary>
public static class WorkerMethods
{
    public const string ServiceName = "cluster.v1.Worker";

    public static Method<LoadShardRequest, LoadShardProgress> LoadShard { get; } = new(
        MethodType.ServerStreaming, ServiceName, nameof(LoadShard),
        ProtobufMarshaller.Create(LoadShardRequest.Parser), ProtobufMarshaller.Create(LoadShardProgress.Parser));

    public static Method<StepRequest, StepResult> Execute { get; } = new(
        MethodType.DuplexStreaming, ServiceName, nameof(Execute),
        ProtobufMarshaller.Create(StepRequest.Parser), ProtobufMarshaller.Create(StepResult.Parser));

    public static Method<ExchangeRequest, Frame> Exchange { get; } = new(
        MethodType.ServerStreaming, ServiceName, nameof(Exchange), ProtobufMarshaller.Create(ExchangeRequest.Parser), FrameMarshaller.Instance);

    public static Method<OpenChannelRequest, OpenChannelReply> OpenChannel { get; } = new(
        MethodType.Unary, ServiceName, nameof(OpenChannel),
        ProtobufMarshaller.Create(OpenChannelRequest.Parser), ProtobufMarshaller.Create(OpenChannelReply.Parser));

    public static Method<DeviceGroupRequest, DeviceGroupReply> FormDeviceGroup { get; } = new(
        MethodType.DuplexStreaming, ServiceName, nameof(FormDeviceGroup),
        ProtobufMarshaller.Create(DeviceGroupRequest.Parser), ProtobufMarshaller.Create(DeviceGroupReply.Parser));

    public static Method<ReadCacheRequest, CachePart> ReadCache { get; } = new(
        MethodType.ServerStreaming, ServiceName, nameof(ReadCache),
        ProtobufMarshaller.Create(ReadCacheRequest.Parser), ProtobufMarshaller.Create(CachePart.Parser));

    public static Method<WriteCacheRequest, WriteCacheReply> WriteCache { get; } = new(
        MethodType.ClientStreaming, ServiceName, nameof(WriteCache),
        ProtobufMarshaller.Create(WriteCacheRequest.Parser), ProtobufMarshaller.Create(WriteCacheReply.Parser));

    public static Method<ProbeRequest, ProbeReply> Probe { get; } = new(
        MethodType.Unary, ServiceName, nameof(Probe),
        ProtobufMarshaller.Create(ProbeRequest.Parser), ProtobufMarshaller.Create(ProbeReply.Parser));

    public static Method<MeasureLinksRequest, MeasureLinksReply> MeasureLinks { get; } = new(
        MethodType.Unary, ServiceName, nameof(MeasureLinks),
        ProtobufMarshaller.Create(MeasureLinksRequest.Parser), ProtobufMarshaller.Create(MeasureLinksReply.Parser));

    public static Method<EchoRequest, EchoReply> Echo { get; } = new(
        MethodType.Unary, ServiceName, nameof(Echo),
        ProtobufMarshaller.Create(EchoRequest.Parser), ProtobufMarshaller.Create(EchoReply.Parser));

    public static Method<MeasureLimitsRequest, DeviceLimits> MeasureLimits { get; } = new(
        MethodType.Unary, ServiceName, nameof(MeasureLimits),
        ProtobufMarshaller.Create(MeasureLimitsRequest.Parser), ProtobufMarshaller.Create(DeviceLimits.Parser));

    public static Method<UnloadShardRequest, UnloadShardReply> UnloadShard { get; } = new(
        MethodType.Unary, ServiceName, nameof(UnloadShard),
        ProtobufMarshaller.Create(UnloadShardRequest.Parser), ProtobufMarshaller.Create(UnloadShardReply.Parser));
}
