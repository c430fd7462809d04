using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Tests.Hosting;
using Grpc.Tests.Protos;

namespace Grpc.Tests.Interop;

/// <summary>Our client calls the independent server.</summary>
[Collection(InteropCollection.Name)]
public sealed class NodeServerTests : IClassFixture<NodeServer>, IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly Echo.EchoClient _client;

    public NodeServerTests(NodeServer server)
    {
        _channel = GrpcChannel.ForAddress(server.Address);
        _client = new Echo.EchoClient(_channel);
    }

    public void Dispose() => _channel.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(1 << 20)]
    public async Task Unary(int size)
    {
        var message = Message(size);

        Assert.Equal(message, await _client.UnaryAsync(message));
    }

    [Fact]
    public void Blocking_unary() => Assert.Equal("b", _client.Unary(new EchoMessage { Text = "b" }).Text);

    [Fact]
    public async Task Client_stream()
    {
        using var call = _client.ClientStream();
        for (var i = 1; i <= 10; i++)
            await call.RequestStream.WriteAsync(new EchoMessage { Text = $"{i}", Number = i });
        await call.RequestStream.CompleteAsync();

        var response = await call;
        Assert.Equal(("12345678910", 55), (response.Text, response.Number));
    }

    [Fact]
    public async Task Client_stream_that_the_server_ends()
    {
        using var call = _client.ClientStream();
        await Failure.MayFailAsync(call.RequestStream.WriteAsync(new EchoMessage { Text = "fail" }));

        AssertFailure(await Failure.OfAsync(call.ResponseAsync));
    }

    [Fact]
    public async Task Server_stream()
    {
        using var call = _client.ServerStream(new EchoMessage { Number = 100 });

        Assert.Equal(Enumerable.Range(0, 100), await call.ResponseStream.ReadAllAsync().Select(m => m.Number).ToListAsync());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Error_after_messages()
    {
        using var call = _client.ServerStream(new EchoMessage { Text = "fail", Number = 3 });
        for (var i = 0; i < 3; i++)
            Assert.True(await call.ResponseStream.MoveNext());

        AssertFailure(await Failure.OfAsync(call.ResponseStream.MoveNext()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8192)]
    [InlineData(1 << 20)]
    public async Task Duplex(int size)
    {
        using var call = _client.Duplex(new Metadata { { "x-text", "early" } });

        Assert.Equal("early", (await call.ResponseHeadersAsync).GetValue("x-text"));
        for (var i = 0; i < 10; i++)
        {
            var message = Message(size + i);
            await call.RequestStream.WriteAsync(message);
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal(message, call.ResponseStream.Current);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task Error() => AssertFailure(await Failure.OfAsync(_client.UnaryAsync(new EchoMessage { Text = "fail" }).ResponseAsync));

    [Fact]
    public async Task Metadata_both_ways()
    {
        var call = _client.UnaryAsync(
            new EchoMessage { Text = "metadata" },
            new Metadata { { "x-text", "plain text" }, { "x-raw-bin", [0, 1, 255] }, { "x-raw-bin", [7] } });
        await call;

        foreach (var metadata in new[] { await call.ResponseHeadersAsync, call.GetTrailers() })
        {
            Assert.Equal("plain text", metadata.GetValue("x-text"));
            Assert.Equal<byte[]>([[0, 1, 255], [7]], metadata.GetAll("x-raw-bin").Select(e => e.ValueBytes));
        }
    }

    [Fact]
    public async Task Deadline_and_cancellation_reach_the_server()
    {
        var remaining = await _client.UnaryAsync(new EchoMessage { Text = "deadline" }, deadline: DateTime.UtcNow.AddHours(1));
        Assert.InRange(remaining.Number, 3500, 3600);
        var late = _client.UnaryAsync(new EchoMessage { Text = "wait" }, deadline: DateTime.UtcNow.AddMilliseconds(50));
        Assert.Equal(StatusCode.DeadlineExceeded, await Failure.CodeAsync(late.ResponseAsync));

        using var cancellation = new CancellationTokenSource();
        var before = (await _client.UnaryAsync(new EchoMessage { Text = "cancelled" })).Number;
        var call = _client.UnaryAsync(new EchoMessage { Text = "wait" }, cancellationToken: cancellation.Token);
        await call.ResponseHeadersAsync;
        await cancellation.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, await Failure.CodeAsync(call.ResponseAsync));
        while ((await _client.UnaryAsync(new EchoMessage { Text = "cancelled" })).Number == before)
            await Task.Yield();
    }

    [Fact]
    public async Task Unimplemented_service()
    {
        var health = new Grpc.Health.V1.Health.HealthClient(_channel);

        Assert.Equal(StatusCode.Unimplemented, await Failure.CodeAsync(health.CheckAsync(new()).ResponseAsync));
    }

    private static void AssertFailure(RpcException error)
    {
        Assert.Equal((StatusCode.FailedPrecondition, "größer als 100 %"), (error.StatusCode, error.Status.Detail));
        Assert.Equal("x", error.Trailers.GetValue("detail"));
        Assert.Equal([0, 255, 128], error.Trailers.GetValueBytes("raw-bin")!);
    }

    private static EchoMessage Message(int size)
    {
        var data = new byte[size];
        new Random(size).NextBytes(data);
        return new EchoMessage { Text = "grüße", Number = size, Data = ByteString.CopyFrom(data) };
    }
}
