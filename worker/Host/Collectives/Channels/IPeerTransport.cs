using System.Net.Sockets;

namespace Cluster.Worker.Collectives.Channels;

/// <summary>
/// The bytes of a connection between ranks, both ways. No call blocks but <see cref="Poll"/>. One thread sends and receives; <see cref="IsClosed"/> is
/// for any.
/// </summary>
internal interface IPeerTransport : IDisposable
{
    /// <summary>Receives what there is; 0 with <see cref="SocketError.Success"/> is the end, <see cref="SocketError.WouldBlock"/> nothing yet.</summary>
    int Receive(Span<byte> room, out SocketError error);

    /// <summary>Takes bytes to be sent, which must not change before they are flushed; nothing may be left of earlier ones.</summary>
    void Send(byte[] bytes, int count);

    /// <summary>Sends on. True when all has left.</summary>
    bool TryFlush(out SocketError error);

    /// <summary>Sleeps until the socket is ready or <paramref name="milliseconds"/> have passed.</summary>
    /// <returns>It is ready.</returns>
    bool Poll(SelectMode mode, int milliseconds);

    /// <summary>The peer has closed its end and sent nothing before.</summary>
    bool IsClosed { get; }
}
