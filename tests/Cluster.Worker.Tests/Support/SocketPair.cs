using System.Net;
using System.Net.Sockets;

namespace Cluster.Worker.Tests.Support;

/// <summary>Two ends of a connection in this process, as links want them.</summary>
internal static class SocketPair
{
    public static (Socket First, Socket Second) Connect()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        first.Connect(listener.LocalEndPoint!);
        var second = listener.Accept();
        first.Blocking = second.Blocking = false;
        return (first, second);
    }
}
