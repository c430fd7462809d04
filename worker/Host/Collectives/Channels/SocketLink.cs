using System.Net.Sockets;
using System.Numerics;
using Cluster.Compute.Collectives;
using Cluster.Protos.Frames;
using Cluster.Worker.Collectives.Links;

namespace Cluster.Worker.Collectives.Channels;

/// <summary>
/// The frames of a pair of ranks on one socket, both ways. The compute thread itself writes and reads, and no call blocks but
/// <see cref="Poll"/>: a rank that cannot send goes on receiving, so that two that send to each other never wait for each other.
/// </summary>
/// <remarks>
/// The socket must never have seen an asynchronous operation: the runtime's event loop would then wake up for every frame.
/// </remarks>
internal sealed class SocketLink(IPeerTransport transport, PeerIdentity peer, int maxPayload) : IDisposable
{
    private readonly ReceiveBuffer _received = new(InboundLink.Capacity * (SocketFrameHeader.Size + maxPayload));
    private FrameHeader _header;
    private int _frameBytes;
    private bool _held;
    private byte[] _sending = [];

    /// <summary>Why no more frames will come, once that is known; those that are here are still to be taken.</summary>
    public string? End { get; private set; }

    /// <summary>The oldest frame, if it is here as a whole; valid until <see cref="Release"/>.</summary>
    public bool TryPeek(out FrameHeader header, out ReadOnlySpan<byte> payload)
    {
        while (!HasFrame())
        {
            if (TryFill()) continue;
            header = default;
            payload = default;
            return false;
        }

        _held = true;
        header = _header;
        payload = _received.Waiting[SocketFrameHeader.Size.._frameBytes];
        return true;
    }

    public void Release()
    {
        _received.Take(_frameBytes);
        _frameBytes = 0;
        _held = false;
    }

    /// <summary>Takes in what has come, as far as there is room, to let the peer go on sending.</summary>
    public void Pump()
    {
        while (TryFill())
        {
        }
    }

    /// <summary>Takes a frame to be sent, and sends what can be of it. False when an earlier one has not left yet.</summary>
    /// <exception cref="PeerLostException">The peer is gone.</exception>
    public bool TrySend(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (!TryFlush()) return false;
        var bytes = SocketFrameHeader.Size + payload.Length;
        if (bytes > _sending.Length) _sending = GC.AllocateUninitializedArray<byte>((int)BitOperations.RoundUpToPowerOf2((uint)bytes));
        SocketFrameHeader.Write(header, payload.Length, _sending);
        payload.CopyTo(_sending.AsSpan(SocketFrameHeader.Size));
        transport.Send(_sending, bytes);
        TryFlush();
        return true;
    }

    /// <summary>Sends on. True when the frame has left as a whole; one that was given up leaves before the next.</summary>
    /// <exception cref="PeerLostException">The peer is gone.</exception>
    public bool TryFlush()
    {
        if (transport.TryFlush(out var error)) return true;
        return error is SocketError.Success or SocketError.WouldBlock ? false : throw new PeerLostException(Lost(error));
    }

    /// <summary>Sleeps until the socket is ready or <paramref name="milliseconds"/> have passed.</summary>
    /// <returns>It is ready.</returns>
    public bool Poll(SelectMode mode, int milliseconds) => transport.Poll(mode, milliseconds);

    /// <summary>The peer has closed its end and sent nothing before. From any thread.</summary>
    public bool IsClosed => transport.IsClosed;

    public string Closed => $"{peer} is lost: it closed the connection";

    public void Dispose() => transport.Dispose();

    private bool HasFrame()
    {
        var waiting = _received.Waiting;
        if (_frameBytes == 0)
        {
            if (waiting.Length < SocketFrameHeader.Size) return false;
            if (!SocketFrameHeader.TryRead(waiting, maxPayload, out _header, out var length))
            {
                End ??= $"{peer} is lost: it sent a malformed frame header";
                return false;
            }

            _frameBytes = SocketFrameHeader.Size + length;
        }

        return waiting.Length >= _frameBytes;
    }

    /// <summary>Receives once; false when there is nothing, no room or no peer.</summary>
    private bool TryFill()
    {
        if (End is not null) return false;
        var room = _received.Room(Math.Max(1, Math.Max(SocketFrameHeader.Size, _frameBytes) - _received.Waiting.Length), _held);
        if (room.IsEmpty) return false;
        var count = transport.Receive(room, out var error);
        if (error == SocketError.WouldBlock) return false;
        if (error != SocketError.Success) End = Lost(error);
        else if (count == 0) End = Closed;
        else _received.Received(count);
        return End is null;
    }

    private string Lost(SocketError error) => $"{peer} is lost: {new SocketException((int)error).Message}";
}
