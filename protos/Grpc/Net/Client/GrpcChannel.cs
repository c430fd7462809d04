using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>The HTTP/2 connections to one server. Thread-safe; made once and shared by all clients and calls.</summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    // HttpClient acknowledges each eighth of its window: a small one costs a frame back for every few KiB received.
    private const int StreamWindowSize = 1024 * 1024;

    private readonly HttpMessageInvoker _http;
    private readonly CancellationTokenSource _disposed = new();

    private GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        Address = address;
        MaxReceiveMessageSize = options.MaxReceiveMessageSize;
        MaxSendMessageSize = options.MaxSendMessageSize;
        Time = options.TimeProvider;
        _http = options.HttpHandler is { } handler
            ? new HttpMessageInvoker(handler, options.DisposeHttpClient)
            : new HttpMessageInvoker(CreateHandler(), disposeHandler: true);
    }

    internal Uri Address { get; }

    internal int? MaxReceiveMessageSize { get; }

    internal int? MaxSendMessageSize { get; }

    internal TimeProvider Time { get; }

    /// <summary>Cancelled when the channel is disposed.</summary>
    internal CancellationToken Disposed => _disposed.Token;

    /// <param name="address"><c>http://host:port</c> for HTTP/2 without TLS, or <c>https://host:port</c>.</param>
    /// <exception cref="ArgumentException">The address is not absolute or has another scheme.</exception>
    public static GrpcChannel ForAddress(string address) => ForAddress(address, new GrpcChannelOptions());

    /// <inheritdoc cref="ForAddress(string)"/>
    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        return Uri.TryCreate(address, UriKind.Absolute, out var uri)
            ? ForAddress(uri, channelOptions)
            : throw new ArgumentException($"'{address}' is not an address of the form http://host:port.", nameof(address));
    }

    /// <inheritdoc cref="ForAddress(string)"/>
    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    /// <inheritdoc cref="ForAddress(string)"/>
    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https"))
            throw new ArgumentException($"'{address}' is not an address of the form http://host:port.", nameof(address));
        return new GrpcChannel(address, channelOptions);
    }

    public override CallInvoker CreateCallInvoker() => new HttpClientCallInvoker(this);

    /// <summary>Cancels the calls that are in progress and closes the connections.</summary>
    public void Dispose()
    {
        _disposed.Cancel();
        _http.Dispose();
    }

    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _http.SendAsync(request, cancellationToken);

    protected override Task ShutdownAsyncCore()
    {
        Dispose();
        return Task.CompletedTask;
    }

    private static SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,

        // A server allows some hundred streams on a connection; further calls open another instead of waiting.
        EnableMultipleHttp2Connections = true,
        InitialHttp2StreamWindowSize = StreamWindowSize,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
    };
}
