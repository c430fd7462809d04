using Grpc.Core;
using Grpc.Tests.Hosting;
using Grpc.Tests.Protos;

namespace Grpc.Tests.Streaming;

public sealed class CallMetadataTests
{
    [Fact]
    public async Task Request_headers_reach_the_handler()
    {
        Metadata? received = null;
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Unary = (request, context) =>
            {
                received = context.RequestHeaders;
                return Task.FromResult(request);
            },
        });
        var bytes = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();

        await host.Client.UnaryAsync(
            new EchoMessage(),
            new Metadata { { "text", "a, b; c" }, { "twice", "1" }, { "twice", "2" }, { "expires", "never" }, { "raw-bin", bytes }, { "empty-bin", [] } });

        Assert.Equal("a, b; c", received!.GetValue("text"));
        Assert.Equal("1,2", string.Join(',', received.GetAll("twice").Select(e => e.Value.Replace(" ", ""))));
        Assert.Equal("never", received.GetValue("expires"));
        Assert.Equal(bytes, received.GetValueBytes("raw-bin")!);
        Assert.Empty(received.GetValueBytes("empty-bin")!);
        Assert.StartsWith("grpc-csharp-cluster/", received.GetValue("user-agent"));
        Assert.DoesNotContain(received, e => e.Key.StartsWith("grpc-") || e.Key is "te" or "content-type" or "host");
    }

    [Fact]
    public async Task Response_headers_come_before_the_messages()
    {
        var go = new TaskCompletionSource();
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Unary = async (request, context) =>
            {
                await context.WriteResponseHeadersAsync(new Metadata { { "kind", "unary" }, { "raw-bin", [1, 0, 2] } });
                await Assert.ThrowsAsync<InvalidOperationException>(() => context.WriteResponseHeadersAsync([]));
                await go.Task;
                return request;
            },
            Duplex = async (_, _, context) =>
            {
                await context.WriteResponseHeadersAsync(new Metadata { { "kind", "duplex" } });
                await go.Task;
            },
        });
        var unary = host.Client.UnaryAsync(new EchoMessage());
        using var duplex = host.Client.Duplex();

        var headers = await unary.ResponseHeadersAsync;
        Assert.Equal("unary", headers.GetValue("kind"));
        Assert.Equal([1, 0, 2], headers.GetValueBytes("raw-bin")!);
        Assert.Equal("duplex", (await duplex.ResponseHeadersAsync).GetValue("kind"));

        go.SetResult();
        await unary;
        Assert.False(await duplex.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task Context_describes_the_call()
    {
        ServerCallContext? seen = null;
        var (host, peer, local) = ("", "", "");
        await using var server = await GrpcHost.StartAsync(new EchoHandlers
        {
            Unary = (request, context) =>
            {
                seen = context;
                (host, peer) = (context.Host, context.Peer);
                local = $"ipv4:127.0.0.1:{context.GetHttpContext().Connection.RemotePort}";
                context.UserState["key"] = request;
                Assert.Same(request, context.UserState["key"]);
                return Task.FromResult(request);
            },
        });

        await server.Client.UnaryAsync(new EchoMessage());
        Assert.Equal("/cluster.tests.Echo/Unary", seen!.Method);
        Assert.Equal(server.Address.Authority, host);
        Assert.Equal(local, peer);

        await server.Client.WithHost("other.example").UnaryAsync(new EchoMessage());
        Assert.Equal("other.example", host);
    }
}
