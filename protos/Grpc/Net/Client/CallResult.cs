using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>How a call ended.</summary>
internal sealed record CallResult(Status Status, Metadata Trailers)
{
    public bool IsOk => Status.StatusCode == StatusCode.OK;

    public RpcException ToException() => new(Status, Trailers);
}
