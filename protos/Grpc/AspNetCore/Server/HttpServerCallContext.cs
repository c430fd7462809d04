using System.Net.Sockets;
using Grpc.Core;
using Grpc.Wire;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server;

/// <summary>What a handler sees of its call.</summary>
internal sealed class HttpServerCallContext(HttpContext httpContext, IMethod method, ServerResponse response, ServerDeadline? deadline)
    : ServerCallContext
{
    private Metadata? _requestHeaders;
    private Metadata? _responseTrailers;
    private Dictionary<object, object>? _userState;

    public HttpContext HttpContext => httpContext;

    public bool HasTrailers => _responseTrailers is not null;

    protected override string MethodCore => method.FullName;

    protected override string HostCore => httpContext.Request.Host.Value ?? "";

    protected override string PeerCore => httpContext.Connection switch
    {
        { RemoteIpAddress: null } => "unix:",
        { RemoteIpAddress: { AddressFamily: AddressFamily.InterNetworkV6 } address, RemotePort: var port } => $"ipv6:[{address}]:{port}",
        { RemoteIpAddress: var address, RemotePort: var port } => $"ipv4:{address}:{port}",
    };

    protected override DateTime DeadlineCore => deadline?.Utc ?? DateTime.MaxValue;

    protected override Metadata RequestHeadersCore => _requestHeaders ??= ReadRequestHeaders(httpContext.Request.Headers);

    protected override CancellationToken CancellationTokenCore { get; } = deadline?.Token ?? httpContext.RequestAborted;

    protected override Metadata ResponseTrailersCore => _responseTrailers ??= [];

    protected override Status StatusCore { get; set; } = Status.DefaultSuccess;

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override IDictionary<object, object> UserStateCore => _userState ??= [];

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        return response.SendHeadersAsync(responseHeaders);
    }

    private static Metadata ReadRequestHeaders(IHeaderDictionary headers)
    {
        var metadata = new Metadata();
        foreach (var (name, values) in headers)
        {
            foreach (var value in values)
                MetadataCodec.Decode(name, value ?? "", metadata);
        }

        return metadata;
    }
}
