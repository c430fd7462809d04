using Google.Protobuf;
using Grpc.Core;
using Grpc.Tests.Hosting;
using Grpc.Tests.Protos;

namespace Grpc.Tests.Streaming;

public sealed class CancellationTests
{
    private readonly TaskCompletionSource _started = new();
    private readonly TaskCompletionSource<string> _serverSaw = new();

    [Fact]
    public async Task Cancelled_unary_call_cancels_the_handler()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers { Unary = async (request, context) => await WaitAsync(request, context) });
        using var cancellation = new CancellationTokenSource();
        using var call = host.Client.UnaryAsync(new EchoMessage(), cancellationToken: cancellation.Token);

        await _started.Task;
        await cancellation.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, await Failure.CodeAsync(call.ResponseAsync));
        Assert.Equal(StatusCode.Cancelled, await Failure.CodeAsync(call.ResponseHeadersAsync));
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        Assert.Equal("cancelled", await _serverSaw.Task);
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task Token_that_is_cancelled_before_the_call_sends_nothing()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers { Unary = WaitAsync });

        var call = host.Client.UnaryAsync(new EchoMessage(), cancellationToken: new CancellationToken(canceled: true));

        Assert.Equal(StatusCode.Cancelled, await Failure.CodeAsync(call.ResponseAsync));
        Assert.False(_started.Task.IsCompleted);
    }

    [Fact]
    public async Task Disposing_a_call_ends_the_server_s_read()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Duplex = async (requests, responses, context) =>
            {
                await requests.MoveNext();
                await responses.WriteAsync(requests.Current);
                try
                {
                    await requests.MoveNext();
                    _serverSaw.SetResult("no error");
                }
                catch (OperationCanceledException e)
                {
                    _serverSaw.SetResult(e.GetType().Name);
                    throw;
                }
            },
        });
        var call = host.Client.Duplex();
        await call.RequestStream.WriteAsync(new EchoMessage());
        Assert.True(await call.ResponseStream.MoveNext());

        call.Dispose();

        Assert.Equal(nameof(OperationCanceledException), await _serverSaw.Task);
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        Assert.Equal(StatusCode.Cancelled, await Failure.CodeAsync(call.ResponseStream.MoveNext()));
        Assert.Equal(StatusCode.Cancelled, await Failure.CodeAsync(call.RequestStream.WriteAsync(new EchoMessage())));
        Assert.Equal("x", (await host.Client.UnaryAsync(new EchoMessage { Text = "x" })).Text);
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task Disposing_a_call_ends_the_server_s_blocked_write()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            ServerStream = async (_, responses, context) =>
            {
                var big = new EchoMessage { Data = ByteString.CopyFrom(new byte[1 << 20]) };
                try
                {
                    while (true)
                        await responses.WriteAsync(big);
                }
                catch (OperationCanceledException)
                {
                    _serverSaw.SetResult("cancelled");
                    throw;
                }
            },
        });
        var call = host.Client.ServerStream(new EchoMessage());
        Assert.True(await call.ResponseStream.MoveNext());

        call.Dispose();

        Assert.Equal("cancelled", await _serverSaw.Task);
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task Cancelling_a_read_cancels_the_call()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers { Duplex = (_, _, context) => WaitAsync(new(), context) });
        using var call = host.Client.Duplex();
        using var cancellation = new CancellationTokenSource();
        var read = call.ResponseStream.MoveNext(cancellation.Token);
        await _started.Task;

        await cancellation.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, await Failure.CodeAsync(read));
        Assert.Equal("cancelled", await _serverSaw.Task);
    }

    [Fact]
    public async Task Cancelling_a_blocked_write_cancels_the_call()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            ClientStream = async (_, context) => await WaitAsync(new(), context),
        });
        using var call = host.Client.ClientStream();
        using var cancellation = new CancellationTokenSource();
        await _started.Task;
        var write = call.RequestStream.WriteAsync(new EchoMessage { Data = ByteString.CopyFrom(new byte[3 << 20]) }, cancellation.Token);

        await cancellation.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, await Failure.CodeAsync(write));
        Assert.Equal("cancelled", await _serverSaw.Task);
    }

    [Fact]
    public async Task Server_s_read_can_be_cancelled_without_ending_the_call()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Duplex = async (requests, responses, _) =>
            {
                using var cancellation = new CancellationTokenSource();
                var read = requests.MoveNext(cancellation.Token);
                await cancellation.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
                await responses.WriteAsync(new EchoMessage { Text = "ready" });
                Assert.True(await requests.MoveNext());
                await responses.WriteAsync(requests.Current);
            },
        });
        using var call = host.Client.Duplex();
        Assert.True(await call.ResponseStream.MoveNext());

        await call.RequestStream.WriteAsync(new EchoMessage { Text = "kept" });

        Assert.True(await call.ResponseStream.MoveNext());
        Assert.Equal("kept", call.ResponseStream.Current.Text);
    }

    [Fact]
    public async Task Aborted_response_is_an_error_of_the_client()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Duplex = async (requests, responses, context) =>
            {
                await responses.WriteAsync(new EchoMessage());
                await requests.MoveNext();
                context.GetHttpContext().Abort();
            },
        });
        using var call = host.Client.Duplex();
        Assert.True(await call.ResponseStream.MoveNext());

        await Failure.MayFailAsync(call.RequestStream.WriteAsync(new EchoMessage()));

        Assert.Equal(StatusCode.Internal, await Failure.CodeAsync(call.ResponseStream.MoveNext()));
    }

    [Fact]
    public async Task Disposed_channel_cancels_its_calls()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers { Unary = WaitAsync });
        var call = host.Client.UnaryAsync(new EchoMessage());
        await _started.Task;

        host.Channel.Dispose();

        Assert.Equal(StatusCode.Cancelled, await Failure.CodeAsync(call.ResponseAsync));
        Assert.Equal("cancelled", await _serverSaw.Task);
        Assert.Throws<ObjectDisposedException>(() => host.Client.UnaryAsync(new EchoMessage()));
    }

    private async Task<EchoMessage> WaitAsync(EchoMessage request, ServerCallContext context)
    {
        _started.TrySetResult();
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
        }
        finally
        {
            _serverSaw.TrySetResult(context.CancellationToken.IsCancellationRequested ? "cancelled" : "not cancelled");
        }

        return request;
    }
}
