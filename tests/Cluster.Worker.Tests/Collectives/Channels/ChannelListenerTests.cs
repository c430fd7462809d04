using System.Net;
using System.Net.Sockets;
using Cluster.Worker.Collectives.Channels;

namespace Cluster.Worker.Tests.Collectives.Channels;

public sealed class ChannelListenerTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task ATokenOpensOneConnectionToWhomItWasPromised()
    {
        await using var listener = new ChannelListener(IPAddress.Loopback, s_long, TimeProvider.System, null);
        var attached = new[] { NewAttachment(), NewAttachment() };
        var offers = attached.Select(attachment => listener.Open(attachment.TrySetResult)).ToArray();

        using var second = await DialAsync(offers[1].Port, offers[1].Token.Memory);
        using var first = await DialAsync(offers[0].Port, offers[0].Token.Memory);

        Assert.NotEqual(offers[0].Token, offers[1].Token);
        Assert.Equal(offers[0].Port, offers[1].Port);
        using var firsts = await attached[0].Task;
        using var seconds = await attached[1].Task;
        Assert.Equal(first.LocalEndPoint, ((PlainTransport)firsts).Socket.RemoteEndPoint);
        Assert.Equal(second.LocalEndPoint, ((PlainTransport)seconds).Socket.RemoteEndPoint);
        await Assert.ThrowsAsync<SocketException>(() => DialAsync(offers[0].Port, offers[0].Token.Memory));
    }

    [Fact]
    public async Task AnUnknownTokenIsClosed()
    {
        await using var listener = new ChannelListener(IPAddress.Loopback, s_long, TimeProvider.System, null);
        var attached = NewAttachment();
        var offer = listener.Open(attached.TrySetResult);
        var wrong = offer.Token.ToByteArray();
        wrong[^1] ^= 1;

        await Assert.ThrowsAsync<SocketException>(() => DialAsync(offer.Port, wrong));

        Assert.False(attached.Task.IsCompleted);
        (await DialAsync(offer.Port, offer.Token.Memory)).Dispose();
    }

    [Fact]
    public async Task ALateTokenIsClosed()
    {
        var time = new SetTime();
        await using var listener = new ChannelListener(IPAddress.Loopback, s_long, time, null);
        var offer = listener.Open(_ => true);
        time.Now = ChannelListener.TokenLife.Ticks + 1;

        await Assert.ThrowsAsync<SocketException>(() => DialAsync(offer.Port, offer.Token.Memory));
    }

    [Fact]
    public async Task AConnectionThatSaysNothingIsClosed()
    {
        await using var listener = new ChannelListener(IPAddress.Loopback, TimeSpan.FromMilliseconds(20), TimeProvider.System, null);
        var offer = listener.Open(_ => true);

        Assert.True(await IsClosedAsync(offer.Port, []));
    }

    [Fact]
    public async Task AnotherProtocolIsClosed()
    {
        await using var listener = new ChannelListener(IPAddress.Loopback, s_long, TimeProvider.System, null);
        var offer = listener.Open(_ => true);

        Assert.True(await IsClosedAsync(offer.Port, [.. "GET / HTTP/"u8, .. offer.Token.Span]));
    }

    [Fact]
    public async Task ARefusedConnectionIsClosed()
    {
        await using var listener = new ChannelListener(IPAddress.Loopback, s_long, TimeProvider.System, null);
        var offer = listener.Open(_ => false);

        using var socket = await DialAsync(offer.Port, offer.Token.Memory);

        Assert.True(socket.Poll(TimeSpan.FromSeconds(30), SelectMode.SelectRead));
        Assert.Equal(0, socket.Receive(new byte[1]));
    }

    /// <summary>As a socket that is connected to itself does.</summary>
    [Fact]
    public async Task AnEchoIsNoListener()
    {
        using var echo = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        echo.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        echo.Listen();
        var dialing = DialAsync(((IPEndPoint)echo.LocalEndPoint!).Port, new byte[PeerSocket.TokenBytes]);
        using var connection = await echo.AcceptAsync();
        var bytes = new byte[8];
        await connection.SendAsync(bytes.AsMemory(0, await connection.ReceiveAsync(bytes)));

        await Assert.ThrowsAsync<SocketException>(() => dialing);
    }

    private static TaskCompletionSource<IPeerTransport> NewAttachment() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static async Task<Socket> DialAsync(int port, ReadOnlyMemory<byte> token) =>
        ((PlainTransport)await PeerSocket.DialAsync("127.0.0.1", port, token, null, static _ => true, CancellationToken.None)).Socket;

    private static async Task<bool> IsClosedAsync(int port, byte[] greeting)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await socket.SendAsync(greeting);
        try
        {
            return await socket.ReceiveAsync(new byte[1]) == 0;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return true;
        }
    }

    private sealed class SetTime : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;
    }
}
