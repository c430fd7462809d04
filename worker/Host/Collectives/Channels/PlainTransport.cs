using System.Net.Sockets;

namespace Cluster.Worker.Collectives.Channels;

/// <summary>A socket as it is.</summary>
internal sealed class PlainTransport(Socket socket) : IPeerTransport
{
    private byte[] _sending = [];
    private int _sent;
    private int _toSend;

    public Socket Socket => socket;

    public bool IsClosed => socket.IsClosed();

    public int Receive(Span<byte> room, out SocketError error) => socket.Receive(room, SocketFlags.None, out error);

    public void Send(byte[] bytes, int count)
    {
        _sending = bytes;
        _sent = 0;
        _toSend = count;
    }

    public bool TryFlush(out SocketError error) => socket.TrySend(_sending.AsSpan(0, _toSend), ref _sent, out error);

    public bool Poll(SelectMode mode, int milliseconds) => socket.WaitFor(mode, milliseconds);

    public void Dispose() => socket.Dispose();
}
