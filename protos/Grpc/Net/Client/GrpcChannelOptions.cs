using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>Settings of a channel.</summary>
public sealed class GrpcChannelOptions
{
    /// <summary>
    /// Where TLS, keep-alive pings, window sizes and Unix sockets are set, usually a <see cref="SocketsHttpHandler"/>; null
    /// for one with defaults. It stays the caller's unless <see cref="DisposeHttpClient"/> is set.
    /// </summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Dispose <see cref="HttpHandler"/> with the channel.</summary>
    public bool DisposeHttpClient { get; set; }

    /// <summary>Bytes; a bigger message ends its call with ResourceExhausted. Null for no limit.</summary>
    public int? MaxReceiveMessageSize { get; set; } = GrpcProtocol.DefaultMaxReceiveMessageSize;

    /// <summary>Bytes; a bigger message ends its call with ResourceExhausted. Null for no limit.</summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>The clock of deadlines.</summary>
    internal TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
