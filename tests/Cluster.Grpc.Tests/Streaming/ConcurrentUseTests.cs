using Grpc.Core;
using Grpc.Tests.Hosting;
using Grpc.Tests.Protos;

namespace Grpc.Tests.Streaming;

public sealed class ConcurrentUseTests
{
    private static readonly EchoMessage Big = new() { Data = Google.Protobuf.ByteString.CopyFrom(new byte[3_000_000]) };

    [Fact]
    public async Task Second_write_on_the_client_is_refused_while_the_first_waits()
    {
        var hold = new TaskCompletionSource();
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            ClientStream = async (requests, _) =>
            {
                await hold.Task;
                Assert.True(await requests.MoveNext());
                return new EchoMessage();
            },
        });
        using var call = host.Client.ClientStream();

        var first = call.RequestStream.WriteAsync(Big);
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new EchoMessage()));
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.CompleteAsync());
        hold.SetResult();
        await Failure.MayFailAsync(first);
        await call;
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new EchoMessage()));
    }

    [Fact]
    public async Task Write_after_half_close_is_refused()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());
        using var call = host.Client.ClientStream();

        await call.RequestStream.CompleteAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new EchoMessage()));
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.CompleteAsync());
        await call;
    }

    [Fact]
    public async Task Second_write_and_read_on_the_server_are_refused_while_the_first_wait()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Duplex = async (requests, responses, _) =>
            {
                var write = responses.WriteAsync(Big);
                await Assert.ThrowsAsync<InvalidOperationException>(() => responses.WriteAsync(new EchoMessage()));
                var read = requests.MoveNext();
                await Assert.ThrowsAsync<InvalidOperationException>(() => requests.MoveNext());
                await write;
                Assert.True(await read);
            },
        });
        using var call = host.Client.Duplex();

        await call.ResponseHeadersAsync;
        Assert.True(await call.ResponseStream.MoveNext());
        await Failure.MayFailAsync(call.RequestStream.WriteAsync(new EchoMessage()));

        Assert.False(await call.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task Second_read_on_the_client_is_refused_while_the_first_waits()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());
        using var call = host.Client.Duplex();

        var first = call.ResponseStream.MoveNext();
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.ResponseStream.MoveNext());
        await call.RequestStream.WriteAsync(new EchoMessage());

        Assert.True(await first);
    }

    [Fact]
    public async Task Writer_that_outlives_a_cancelled_call_is_closed()
    {
        var ended = new TaskCompletionSource<IServerStreamWriter<EchoMessage>>();
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Duplex = async (requests, responses, context) =>
            {
                context.GetHttpContext().Response.RegisterForDispose(new Callback(() => ended.SetResult(responses)));
                await requests.MoveNext();
            },
        });
        using (var call = host.Client.Duplex())
            await call.ResponseHeadersAsync;

        var writer = await ended.Task;
        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.WriteAsync(new EchoMessage()));
    }

    [Fact]
    public async Task What_a_handler_leaves_behind_does_not_reach_the_next_call()
    {
        Task<bool>? leftRead = null;
        IServerStreamWriter<EchoMessage>? leftWriter = null;
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Duplex = (requests, responses, _) =>
            {
                leftRead = requests.MoveNext();
                leftWriter = responses;
                return Task.CompletedTask;
            },
        });
        using (var call = host.Client.Duplex())
            Assert.False(await call.ResponseStream.MoveNext());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leftRead!);
        await Assert.ThrowsAsync<InvalidOperationException>(() => leftWriter!.WriteAsync(new EchoMessage()));
        Assert.Equal("next", (await host.Client.UnaryAsync(new EchoMessage { Text = "next" })).Text);
    }

    private sealed class Callback(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
