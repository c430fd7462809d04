using System.Net.Sockets;

namespace Cluster.Worker.Collectives.Channels;

/// <summary>A socket as it is.</summary>
internal sealed class PlainTransport(Socket socket) : IPeerTransport
{
    private byte[] _sending = [];
    private int _sent;
    private int _toSend;

    public Socket Socket => socket;

    public bool IsClosed => socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;

    public int Receive(Span<byte> room, out SocketError error) => socket.Receive(room, SocketFlags.None, out error);

    public void Send(byte[] bytes, int count)
    {
        _sending = bytes;
        _sent = 0;
        _toSend = count;
    }

    public bool TryFlush(out SocketError error)
    {
        error = SocketError.Success;
        while (_sent < _toSend)
        {
            var count = socket.Send(_sending.AsSpan(_sent, _toSend - _sent), SocketFlags.None, out error);
            if (error is not SocketError.Success || count == 0) return false;
            _sent += count;
        }

        return true;
    }

    public bool Poll(SelectMode mode, int milliseconds) => socket.Poll(milliseconds * 1000, mode);

    public void Dispose() => socket.Dispose();
}
