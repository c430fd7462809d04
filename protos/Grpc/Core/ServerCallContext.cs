namespace Grpc.Core;

/// <summary>One call, seen from its handler.</summary>
public abstract class ServerCallContext
{
    /// <summary>The HTTP/2 path: <c>/package.Service/Method</c>.</summary>
    public string Method => MethodCore;

    /// <summary>The <c>:authority</c> that the client called.</summary>
    public string Host => HostCore;

    /// <summary>The client's address: <c>ipv4:a.b.c.d:port</c>, <c>ipv6:[…]:port</c> or <c>unix:path</c>.</summary>
    public string Peer => PeerCore;

    /// <summary>UTC instant at which the call ends; <see cref="DateTime.MaxValue"/> without a deadline.</summary>
    public DateTime Deadline => DeadlineCore;

    public Metadata RequestHeaders => RequestHeadersCore;

    /// <summary>Cancelled when the client cancels or goes away, and when the deadline passes.</summary>
    public CancellationToken CancellationToken => CancellationTokenCore;

    /// <summary>Metadata that is sent after the last message.</summary>
    public Metadata ResponseTrailers => ResponseTrailersCore;

    /// <summary>The status that a handler which returns normally ends the call with.</summary>
    public Status Status
    {
        get => StatusCore;
        set => StatusCore = value;
    }

    public WriteOptions? WriteOptions
    {
        get => WriteOptionsCore;
        set => WriteOptionsCore = value;
    }

    /// <summary>Notes for the application; not read by gRPC.</summary>
    public IDictionary<object, object> UserState => UserStateCore;

    protected abstract string MethodCore { get; }

    protected abstract string HostCore { get; }

    protected abstract string PeerCore { get; }

    protected abstract DateTime DeadlineCore { get; }

    protected abstract Metadata RequestHeadersCore { get; }

    protected abstract CancellationToken CancellationTokenCore { get; }

    protected abstract Metadata ResponseTrailersCore { get; }

    protected abstract Status StatusCore { get; set; }

    protected abstract WriteOptions? WriteOptionsCore { get; set; }

    protected virtual IDictionary<object, object> UserStateCore => throw new NotImplementedException();

    /// <summary>
    /// Sends the response headers now. At most once, and before the first response. The headers of a streaming call go out by
    /// themselves at the handler's first incomplete await, so a handler with headers of its own sends them before that.
    /// </summary>
    /// <exception cref="InvalidOperationException">The headers have been sent.</exception>
    public Task WriteResponseHeadersAsync(Metadata responseHeaders) => WriteResponseHeadersAsyncCore(responseHeaders);

    protected abstract Task WriteResponseHeadersAsyncCore(Metadata responseHeaders);
}
