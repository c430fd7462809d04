using System.Net.Sockets;
using Cluster.Protos.Frames;
using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Cluster.Worker.Collectives.Channels;
using Cluster.Worker.CommandLine;
using Cluster.Worker.Threading;
using Grpc.Core;

namespace Cluster.Worker.Collectives.Links;

/// <summary>
/// What goes between this rank and one peer: over one socket both ways, or over a stream each way. Of a pair the higher rank calls; the
/// lower one waits for the socket, or for the peer's call of Exchange, which says that there will be none.
/// </summary>
internal sealed class PeerLink : IAsyncDisposable
{
    /// <summary>Before each gRPC message: a flag and a length.</summary>
    public const int GrpcHeaderBytes = 5;

    private readonly int _rank;
    private readonly int _maxPayload;
    private readonly WakeSignal _signal;
    private readonly PeerCredentials? _credentials;
    private readonly InboundLink? _inbound;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile SocketLink? _socket;
    private bool _disposed;

    /// <param name="planVersion">The plan.</param>
    /// <param name="rank">This rank.</param>
    /// <param name="peer">The other one.</param>
    /// <param name="hears">The peer sends to this rank.</param>
    /// <param name="talks">This rank sends to the peer.</param>
    /// <param name="maxPayload">Bytes of the largest payload.</param>
    /// <param name="signal">What the compute thread sleeps on.</param>
    /// <param name="credentials">For TLS; null for plain text.</param>
    public PeerLink(
        ulong planVersion, int rank, PeerIdentity peer, bool hears, bool talks, int maxPayload, WakeSignal signal, PeerCredentials? credentials)
    {
        _rank = rank;
        _maxPayload = maxPayload;
        _signal = signal;
        _credentials = credentials;
        Peer = peer;
        if (hears) _inbound = new InboundLink(planVersion, rank, peer, signal, credentials);
        if (talks) Outbound = new OutboundLink(peer, signal);
    }

    public PeerIdentity Peer { get; }

    /// <summary>What serves the peer's call of Exchange; null when it gets nothing from this rank.</summary>
    public OutboundLink? Outbound { get; }

    /// <summary>The socket, where there is one.</summary>
    public SocketLink? Socket => _socket;

    public bool IsConnected => _socket is not null || (_inbound?.IsConnected ?? true) && (Outbound?.Attached.IsCompleted ?? true);

    /// <summary>Why no more frames will come, or null.</summary>
    public string? End => _socket is { } socket ? socket.End : _inbound?.Frames.End;

    /// <summary>Connects both ways; what keeps a socket from it goes to <paramref name="report"/>.</summary>
    /// <exception cref="RpcException">The peer refuses.</exception>
    public async Task ConnectAsync(ChannelKind channel, Action<string> report, CancellationToken cancellationToken)
    {
        if (channel != ChannelKind.Grpc && await ConnectSocketAsync(report, cancellationToken).ConfigureAwait(false)) return;
        await Task.WhenAll(
            _inbound?.ConnectAsync(cancellationToken) ?? Task.CompletedTask,
            Outbound?.Attached.WaitAsync(cancellationToken) ?? Task.CompletedTask).ConfigureAwait(false);
    }

    /// <summary>Takes a connected socket. False when there is another link already, or no plan any more.</summary>
    public bool Attach(IPeerTransport transport)
    {
        lock (_lock)
        {
            if (_disposed || _socket is not null || Outbound?.TryRefuse() == false) return false;
            _socket = new SocketLink(transport, Peer, _maxPayload);
        }

        _attached.TrySetResult();
        _signal.Set();
        return true;
    }

    /// <summary>Why the peer is lost, as far as can be seen while no step runs; null while all is well.</summary>
    public string? FindLoss() => End ?? (_socket is { IsClosed: true } socket ? socket.Closed : null);

    /// <summary>Compute thread: the oldest frame, if it is here; valid until <see cref="Release"/>.</summary>
    public bool TryPeek(out FrameHeader header, out ReadOnlySpan<byte> payload)
    {
        if (_socket is { } socket) return socket.TryPeek(out header, out payload);
        var frame = _inbound?.Frames.Peek();
        header = frame is null ? default : frame.Header;
        payload = frame is null ? default : frame.Payload;
        return frame is not null;
    }

    /// <summary>Compute thread: gives back the oldest frame.</summary>
    public void Release()
    {
        if (_socket is { } socket) socket.Release();
        else _inbound!.Frames.Release();
    }

    /// <summary>Compute thread: takes a frame, whose payload may change then. False when there is no room for it yet.</summary>
    public bool TrySend(in FrameHeader header, ReadOnlyMemory<byte> payload) =>
        _socket is { } socket ? socket.TrySend(header, payload.Span) : Outbound!.TrySend(header, payload);

    /// <summary>Compute thread: whether what was taken is on its way without further help.</summary>
    public bool TryFlush() => _socket?.TryFlush() ?? true;

    /// <summary>Bytes of a frame on the wire.</summary>
    public int WireBytes(in FrameHeader header, int payloadLength) =>
        _socket is null ? GrpcHeaderBytes + FrameCodec.Size(header, payloadLength) : SocketFrameHeader.Size + payloadLength;

    public async ValueTask DisposeAsync()
    {
        lock (_lock) _disposed = true;
        _socket?.Dispose();
        if (_inbound is not null) await _inbound.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<bool> ConnectSocketAsync(Action<string> report, CancellationToken cancellationToken)
    {
        if (_rank < Peer.Rank)
        {
            await Task.WhenAny(_attached.Task, Outbound!.Attached).WaitAsync(cancellationToken).ConfigureAwait(false);
            return _socket is not null;
        }

        try
        {
            var offer = await _inbound!.OpenChannelAsync(cancellationToken).ConfigureAwait(false);
            if (!HostPort.TryParse(Peer.Address, out var address)) return false;
            var transport = await PeerSocket.DialAsync(
                address.Host.Trim('[', ']'), offer.Port, offer.Token.Memory, _credentials, name => Peer.Is(name), cancellationToken).ConfigureAwait(false);
            if (Attach(transport)) return true;
            transport.Dispose();
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unimplemented or StatusCode.ResourceExhausted)
        {
            report($"{Peer} has no socket to offer, frames go over gRPC: {e.Status.Detail}");
        }
        catch (SocketException e)
        {
            report($"no socket to {Peer}, frames go over gRPC: {e.Message}");
        }

        return false;
    }
}
