using System.Net.Sockets;

namespace Cluster.Worker.Collectives.Channels;

/// <summary>What transports ask of a socket that never blocks.</summary>
internal static class NonBlockingSocket
{
    /// <inheritdoc cref="IPeerTransport.IsClosed"/>
    public static bool IsClosed(this Socket socket) => socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0;

    /// <inheritdoc cref="IPeerTransport.Poll"/>
    public static bool WaitFor(this Socket socket, SelectMode mode, int milliseconds) => socket.Poll(milliseconds * 1000, mode);

    /// <summary>Sends as much as there is room for.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="bytes">What is to be sent.</param>
    /// <param name="sent">How much of it is, before and after.</param>
    /// <param name="error">Why it is not all sent, where something is wrong.</param>
    /// <returns>Whether all is sent.</returns>
    public static bool TrySend(this Socket socket, ReadOnlySpan<byte> bytes, ref int sent, out SocketError error)
    {
        error = SocketError.Success;
        while (sent < bytes.Length)
        {
            var count = socket.Send(bytes[sent..], SocketFlags.None, out error);
            if (error is not SocketError.Success || count == 0) return false;
            sent += count;
        }

        return true;
    }
}
