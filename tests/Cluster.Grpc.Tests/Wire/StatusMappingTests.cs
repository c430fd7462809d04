using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Tests.Wire;

/// <summary>The tables of http-grpc-status-mapping.md and PROTOCOL-HTTP2.md.</summary>
public sealed class StatusMappingTests
{
    [Theory]
    [InlineData(400, StatusCode.Internal)]
    [InlineData(401, StatusCode.Unauthenticated)]
    [InlineData(403, StatusCode.PermissionDenied)]
    [InlineData(404, StatusCode.Unimplemented)]
    [InlineData(429, StatusCode.Unavailable)]
    [InlineData(502, StatusCode.Unavailable)]
    [InlineData(503, StatusCode.Unavailable)]
    [InlineData(504, StatusCode.Unavailable)]
    [InlineData(418, StatusCode.Unknown)]
    public void Http_status(int http, StatusCode code) => Assert.Equal(code, StatusMapping.FromHttpStatus((HttpStatusCode)http));

    [Theory]
    [InlineData(0x0, StatusCode.Internal)]
    [InlineData(0x1, StatusCode.Internal)]
    [InlineData(0x2, StatusCode.Internal)]
    [InlineData(0x3, StatusCode.Internal)]
    [InlineData(0x7, StatusCode.Unavailable)]
    [InlineData(0x8, StatusCode.Cancelled)]
    [InlineData(0xb, StatusCode.ResourceExhausted)]
    [InlineData(0xc, StatusCode.PermissionDenied)]
    public void Http2_error_inside_other_exceptions(long error, StatusCode code)
    {
        var exception = new HttpRequestException("outer", new IOException("inner", new HttpProtocolException(error, "reset", null)));
        Assert.Equal(code, StatusMapping.FromException(exception).StatusCode);
    }

    [Fact]
    public void Connection_errors_are_unavailable()
    {
        Assert.Equal(StatusCode.Unavailable, Map(new SocketException((int)SocketError.ConnectionRefused)));
        Assert.Equal(StatusCode.Unavailable, Map(new HttpRequestException(HttpRequestError.NameResolutionError)));
        Assert.Equal(StatusCode.Unavailable, Map(new HttpRequestException(HttpRequestError.SecureConnectionError)));
        Assert.Equal(StatusCode.Unavailable, Map(new IOException("gone")));
    }

    [Fact]
    public void Other_exceptions()
    {
        Assert.Equal(StatusCode.Cancelled, Map(new OperationCanceledException()));
        Assert.Equal(StatusCode.Internal, Map(new HttpRequestException(HttpRequestError.VersionNegotiationError)));
        Assert.Equal(StatusCode.Internal, Map(new NotSupportedException()));
        Assert.Equal(StatusCode.NotFound, Map(new RpcException(new Status(StatusCode.NotFound, ""))));
    }

    private static StatusCode Map(Exception exception) => StatusMapping.FromException(exception).StatusCode;
}
