using Grpc.Core;
using Grpc.Streams;
using Grpc.Tests.Hosting;
using Grpc.Tests.Protos;

namespace Grpc.Tests.Streaming;

/// <summary>Orders in which the two sides of a stream may end, wait and write.</summary>
public sealed class StreamOrderTests
{
    [Fact]
    public async Task Server_speaks_first_and_headers_come_without_a_message()
    {
        var go = new TaskCompletionSource();
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Duplex = async (_, responses, _) =>
            {
                await go.Task;
                await responses.WriteAsync(new EchoMessage { Text = "first" });
            },
        });
        using var call = host.Client.Duplex();

        await call.ResponseHeadersAsync;
        go.SetResult();

        Assert.True(await call.ResponseStream.MoveNext());
        Assert.Equal("first", call.ResponseStream.Current.Text);
        Assert.False(await call.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task Handler_sees_the_call_before_the_first_request()
    {
        var called = new TaskCompletionSource();
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            ClientStream = async (requests, _) =>
            {
                called.SetResult();
                Assert.True(await requests.MoveNext());
                return requests.Current;
            },
        });
        using var call = host.Client.ClientStream();

        await called.Task;
        await Failure.MayFailAsync(call.RequestStream.WriteAsync(new EchoMessage { Text = "late" }));

        Assert.Equal("late", (await call).Text);
    }

    [Fact]
    public async Task Responses_go_on_after_the_client_half_closed()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Duplex = async (requests, responses, _) =>
            {
                var texts = new List<string>();
                await foreach (var request in requests.ReadAllAsync())
                    texts.Add(request.Text);
                foreach (var text in texts)
                    await responses.WriteAsync(new EchoMessage { Text = text });
            },
        });
        using var call = host.Client.Duplex();

        string[] sent = ["a", "b", "c"];
        foreach (var text in sent)
            await call.RequestStream.WriteAsync(new EchoMessage { Text = text });
        await call.RequestStream.CompleteAsync();

        Assert.Equal(sent, await call.ResponseStream.ReadAllAsync().Select(m => m.Text).ToListAsync());
    }

    [Fact]
    public async Task Half_close_without_a_request_is_an_empty_stream()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());
        using var call = host.Client.ClientStream();

        await call.RequestStream.CompleteAsync();

        Assert.Equal(new EchoMessage(), await call);
    }

    [Fact]
    public async Task Server_may_end_a_client_stream_early_with_a_response()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            ClientStream = (_, _) => Task.FromResult(new EchoMessage { Text = "enough" }),
        });
        using var call = host.Client.ClientStream();

        Assert.Equal("enough", (await call).Text);
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new EchoMessage()));
    }

    [Fact]
    public async Task Server_may_end_a_duplex_call_while_the_client_still_writes()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Duplex = async (requests, responses, _) =>
            {
                await requests.MoveNext();
                await responses.WriteAsync(requests.Current);
                throw new RpcException(new Status(StatusCode.OutOfRange, "one is enough"));
            },
        });
        using var call = host.Client.Duplex();
        await Failure.MayFailAsync(call.RequestStream.WriteAsync(new EchoMessage { Number = 1 }));

        Assert.True(await call.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.OutOfRange, await Failure.CodeAsync(call.ResponseStream.MoveNext()));
        Assert.Equal(StatusCode.OutOfRange, await Failure.CodeAsync(call.RequestStream.WriteAsync(new EchoMessage())));
        Assert.Equal(StatusCode.OutOfRange, await Failure.CodeAsync(call.ResponseStream.MoveNext()));
    }

    [Fact]
    public async Task Writer_of_a_client_stream_learns_why_the_server_ended_the_call()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            ClientStream = (_, _) => throw new RpcException(new Status(StatusCode.FailedPrecondition, "not now")),
        });
        using var call = host.Client.ClientStream();

        var error = await Failure.OfAsync(WriteUntilItFailsAsync(call.RequestStream));

        Assert.Equal((StatusCode.FailedPrecondition, "not now"), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task Both_sides_at_once_in_their_own_pace()
    {
        const int Count = 2000;
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Duplex = async (requests, responses, _) =>
            {
                var writing = WriteAllAsync(responses, Count);
                Assert.Equal(Enumerable.Range(0, Count), await requests.ReadAllAsync().Select(m => m.Number).ToListAsync());
                await writing;
            },
        });
        using var call = host.Client.Duplex();

        var writing = WriteAllAsync(call.RequestStream, Count);
        var numbers = call.ResponseStream.ReadAllAsync().Select(m => m.Number).ToListAsync();
        await writing;
        await call.RequestStream.CompleteAsync();

        Assert.Equal(Enumerable.Range(0, Count), await numbers);
    }

    [Fact]
    public async Task Reused_message_object_is_filled_by_the_stream_s_own_deserializer()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());
        using var call = host.Client.ServerStream(new EchoMessage { Number = 20 });
        var reader = (IMessageStreamReader<EchoMessage>)call.ResponseStream;
        var reused = new EchoMessage();
        reader.Deserializer = context =>
        {
            reused.Number = -1;
            reused.MergeFrom(new Google.Protobuf.CodedInputStream(context.PayloadAsNewBuffer()));
            return reused;
        };

        var read = 0;
        while (await reader.MoveNextAsync())
        {
            Assert.Same(reused, reader.Current);
            Assert.Equal(read == 0 ? -1 : read, reused.Number);
            read++;
        }

        Assert.Equal(20, read);
    }

    [Fact]
    public async Task Buffered_writes_arrive_with_the_next_unbuffered_one()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());
        using var call = host.Client.ClientStream();

        call.RequestStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
        for (var i = 0; i < 10; i++)
            await call.RequestStream.WriteAsync(new EchoMessage { Number = 1 });
        call.RequestStream.WriteOptions = null;
        await call.RequestStream.WriteAsync(new EchoMessage { Number = 100 });
        await call.RequestStream.CompleteAsync();

        Assert.Equal(110, (await call).Number);
    }

    private static async Task WriteAllAsync(IAsyncStreamWriter<EchoMessage> writer, int count)
    {
        for (var i = 0; i < count; i++)
            await writer.WriteAsync(new EchoMessage { Number = i });
    }

    private static async Task WriteUntilItFailsAsync(IAsyncStreamWriter<EchoMessage> writer)
    {
        while (true)
            await writer.WriteAsync(new EchoMessage { Number = 1 });
    }
}
