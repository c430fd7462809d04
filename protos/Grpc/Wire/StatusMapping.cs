using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>Status codes for what goes wrong below gRPC (<c>PROTOCOL-HTTP2.md</c>, <c>http-grpc-status-mapping.md</c>).</summary>
internal static class StatusMapping
{
    // RFC 9113, section 7.
    private const long RefusedStream = 0x7;
    private const long Cancel = 0x8;
    private const long EnhanceYourCalm = 0xb;
    private const long InadequateSecurity = 0xc;

    public static StatusCode FromHttpStatus(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => StatusCode.Internal,
        HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
        HttpStatusCode.NotFound => StatusCode.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };

    /// <summary>The status of a stream that the peer reset.</summary>
    public static StatusCode FromHttp2Error(long errorCode) => errorCode switch
    {
        RefusedStream => StatusCode.Unavailable,
        Cancel => StatusCode.Cancelled,
        EnhanceYourCalm => StatusCode.ResourceExhausted,
        InadequateSecurity => StatusCode.PermissionDenied,
        _ => StatusCode.Internal,
    };

    /// <summary>The status of a call that an exception of the HTTP client ended.</summary>
    public static Status FromException(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case RpcException rpc:
                    return rpc.Status;
                case HttpProtocolException when inner.Message.Contains(nameof(SocketsHttpHandler.KeepAlivePingDelay), StringComparison.Ordinal):
                    // The framework reports a connection whose pings are not answered under the code of a protocol error; only
                    // the text tells the two apart.
                    return new Status(StatusCode.Unavailable, "The server does not answer keep-alive pings.", exception);
                case HttpProtocolException protocol:
                    return new Status(
                        FromHttp2Error(protocol.ErrorCode),
                        string.Create(CultureInfo.InvariantCulture, $"The server reset the HTTP/2 stream (error 0x{protocol.ErrorCode:x})."),
                        exception);
                case HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded }:
                    return new Status(StatusCode.Unavailable, "The server closed the connection.", exception);
                case SocketException socket:
                    return new Status(StatusCode.Unavailable, $"The connection failed: {socket.Message}", exception);
            }
        }

        return exception switch
        {
            OperationCanceledException => new Status(StatusCode.Cancelled, "The call was cancelled.", exception),
            HttpRequestException { HttpRequestError: HttpRequestError.HttpProtocolError or HttpRequestError.VersionNegotiationError or HttpRequestError.InvalidResponse } =>
                new Status(StatusCode.Internal, $"The server does not speak HTTP/2 as expected: {exception.Message}", exception),
            HttpRequestException or IOException =>
                new Status(StatusCode.Unavailable, $"The connection failed: {exception.Message}", exception),
            _ => new Status(StatusCode.Internal, $"The call failed: {exception.Message}", exception),
        };
    }
}
