using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Tests.Hosting;
using Grpc.Tests.Protos;

namespace Grpc.Tests.Client;

/// <summary>Connections that fail, before and during calls.</summary>
public sealed class ConnectionTests
{
    [Fact]
    public async Task Refused_connection_is_unavailable_for_every_kind_of_call()
    {
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{UnusedPort()}");
        var client = new Echo.EchoClient(channel);

        Assert.Equal(StatusCode.Unavailable, await Failure.CodeAsync(client.UnaryAsync(new EchoMessage()).ResponseAsync));
        using var server = client.ServerStream(new EchoMessage());
        Assert.Equal(StatusCode.Unavailable, await Failure.CodeAsync(server.ResponseStream.MoveNext()));
        using var stream = client.ClientStream();
        Assert.Equal(StatusCode.Unavailable, await Failure.CodeAsync(stream.RequestStream.WriteAsync(new EchoMessage())));
        Assert.Equal(StatusCode.Unavailable, await Failure.CodeAsync(stream.ResponseAsync));
        Assert.Equal(StatusCode.Unavailable, await Failure.CodeAsync(stream.ResponseHeadersAsync));
        using var duplex = client.Duplex();
        Assert.Equal(StatusCode.Unavailable, await Failure.CodeAsync(duplex.RequestStream.WriteAsync(new EchoMessage())));
    }

    [Fact]
    public async Task Unknown_host_is_unavailable()
    {
        using var channel = GrpcChannel.ForAddress("http://no-such-host.invalid:1");

        Assert.Equal(StatusCode.Unavailable, await Failure.CodeAsync(new Echo.EchoClient(channel).UnaryAsync(new EchoMessage()).ResponseAsync));
    }

    [Fact]
    public async Task Connection_lost_during_a_call_is_unavailable()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var channel = GrpcChannel.ForAddress($"http://{listener.LocalEndpoint}");
        using var call = new Echo.EchoClient(channel).Duplex();
        using (var connection = await listener.AcceptTcpClientAsync())
            await connection.GetStream().ReadExactlyAsync(new byte[24]);

        Assert.Equal(StatusCode.Unavailable, await Failure.CodeAsync(call.ResponseStream.MoveNext()));
        Assert.Equal(StatusCode.Unavailable, await Failure.CodeAsync(call.RequestStream.WriteAsync(new EchoMessage())));
    }

    [Fact]
    public async Task Server_that_stops_ends_its_calls_and_the_channel_connects_again_to_the_next()
    {
        var first = await GrpcHost.StartAsync(new EchoHandlers());
        using var channel = GrpcChannel.ForAddress(first.Address);
        var client = new Echo.EchoClient(channel);
        using var call = client.Duplex();
        await call.RequestStream.WriteAsync(new EchoMessage());
        Assert.True(await call.ResponseStream.MoveNext());

        await first.DisposeAsync();

        Assert.Equal(StatusCode.Unavailable, await Failure.CodeAsync(call.ResponseStream.MoveNext()));
        Assert.Equal(StatusCode.Unavailable, await Failure.CodeAsync(client.UnaryAsync(new EchoMessage()).ResponseAsync));
        await using var second = await GrpcHost.StartAsync(new EchoHandlers(), port: first.Address.Port);
        Assert.Equal("again", (await client.UnaryAsync(new EchoMessage { Text = "again" })).Text);
    }

    [Fact]
    public async Task Server_that_does_not_answer_pings_is_given_up()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var channel = GrpcChannel.ForAddress($"http://{listener.LocalEndpoint}", new GrpcChannelOptions
        {
            DisposeHttpClient = true,
            HttpHandler = new SocketsHttpHandler
            {
                // The shortest that the framework takes.
                KeepAlivePingDelay = TimeSpan.FromSeconds(1),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(1),
            },
        });
        using var call = new Echo.EchoClient(channel).Duplex();
        using var silent = await listener.AcceptTcpClientAsync();

        // The server's empty SETTINGS frame: a live connection, but nothing follows.
        await silent.GetStream().WriteAsync(new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0 });

        Assert.Equal(StatusCode.Unavailable, await Failure.CodeAsync(call.ResponseStream.MoveNext()));
    }

    [Fact]
    public async Task Server_that_speaks_http1_is_an_error()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var channel = GrpcChannel.ForAddress($"http://{listener.LocalEndpoint}");
        var call = new Echo.EchoClient(channel).UnaryAsync(new EchoMessage());
        using var connection = await listener.AcceptTcpClientAsync();
        await connection.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray());

        // Which of the two depends on whether the client reads the answer first or notices that nobody took its request.
        Assert.Contains(await Failure.CodeAsync(call.ResponseAsync), new[] { StatusCode.Internal, StatusCode.Unavailable });
    }

    [Theory]
    [InlineData("localhost:5000")]
    [InlineData("not an address")]
    [InlineData("ftp://host")]
    public void Addresses_need_a_scheme(string address) => Assert.Throws<ArgumentException>(() => GrpcChannel.ForAddress(address));

    private static int UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
