using System.Net;
using System.Net.Sockets;

namespace Cluster.Coordinator.Membership;

/// <summary>
/// A socket that listens for workers before anything answers on it: they can be started, and connect, while the server is still being
/// built.
/// </summary>
internal sealed class MembershipListener : IDisposable
{
    private const int Backlog = 512;

    private MembershipListener(Socket socket)
    {
        Socket = socket;
        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    public Socket Socket { get; }

    /// <summary>With the port that the system chose if port 0 was asked for.</summary>
    public IPEndPoint EndPoint { get; }

    /// <exception cref="IOException">The address is taken or not this machine's.</exception>
    public static MembershipListener Bind(IPEndPoint listen)
    {
        var socket = new Socket(listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(listen);
            socket.Listen(Backlog);
            return new MembershipListener(socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"cannot listen for workers on {listen}: {e.Message}", e);
        }
    }

    public void Dispose() => Socket.Dispose();
}
