using Grpc.Wire;

namespace Grpc.AspNetCore.Server;

/// <summary>Settings of all services of an application.</summary>
public class GrpcServiceOptions
{
    /// <summary>Bytes; a bigger request ends its call with ResourceExhausted. Null for no limit.</summary>
    public int? MaxReceiveMessageSize { get; set; } = GrpcProtocol.DefaultMaxReceiveMessageSize;

    /// <summary>Bytes; a bigger response ends its call with ResourceExhausted. Null for no limit.</summary>
    public int? MaxSendMessageSize { get; set; }
}
