using System.Net.Sockets;
using System.Text;

namespace Cluster.Coordinator.Tests.Api.Malformed;

/// <summary>What a server answers to bytes on a connection of their own.</summary>
/// <param name="Status">0 where it closes the connection without an answer.</param>
/// <param name="Text">All that it sent.</param>
internal sealed record RawAnswer(int Status, string Text)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Sends the bytes and reads until the server closes the connection; where it may wait for more, it is told that none comes.</summary>
    public static async Task<RawAnswer> ToAsync(Uri server, MalformedRequest request)
    {
        using var patience = new CancellationTokenSource(s_patience);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.Host, server.Port, patience.Token);
        using var answer = new MemoryStream();
        try
        {
            await socket.SendAsync(request.Bytes, patience.Token);
            if (request.Statuses.Contains(0)) socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // It closed the connection while we still sent; what it said before is there all the same.
        }

        try
        {
            var buffer = new byte[16384];
            while (await socket.ReceiveAsync(buffer, patience.Token) is var count and > 0) answer.Write(buffer, 0, count);
        }
        catch (SocketException)
        {
            // A server that closes with our bytes unread resets the connection after its answer.
        }

        var text = Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length);
        return new RawAnswer(text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) ? int.Parse(text.AsSpan(9, 3), provider: null) : 0, text);
    }
}
