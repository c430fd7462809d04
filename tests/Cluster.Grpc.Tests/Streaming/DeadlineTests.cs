using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Tests.Hosting;
using Grpc.Tests.Protos;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.Tests.Streaming;

/// <summary>Each side's clock is moved by hand, so that one side alone enforces the deadline.</summary>
public sealed class DeadlineTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly TaskCompletionSource _started = new();
    private readonly TaskCompletionSource _serverCancelled = new();

    [Fact]
    public async Task Client_ends_the_call_when_the_server_does_not_answer()
    {
        await using var host = await GrpcHost.StartAsync(
            app => app.MapPost("/cluster.tests.Echo/Unary", async context =>
            {
                // Not a gRPC handler, so nothing on the server knows of deadlines.
                context.RequestAborted.Register(_serverCancelled.SetResult);
                _started.SetResult();
                await _serverCancelled.Task;
            }),
            channel: new GrpcChannelOptions { TimeProvider = _time });
        var call = host.Client.UnaryAsync(new EchoMessage(), deadline: ClientDeadline(minutes: 1));
        await _started.Task;

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(call.ResponseAsync.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(StatusCode.DeadlineExceeded, await Failure.CodeAsync(call.ResponseAsync));
        Assert.Equal(StatusCode.DeadlineExceeded, call.GetStatus().StatusCode);
        await _serverCancelled.Task;
    }

    [Fact]
    public async Task Client_ends_a_stream_between_messages()
    {
        await using var host = await GrpcHost.StartAsync(
            new EchoHandlers { Duplex = async (_, responses, context) => await RespondAndWaitAsync(responses, context) },
            new GrpcChannelOptions { TimeProvider = _time });
        using var call = host.Client.Duplex(deadline: ClientDeadline(minutes: 1));
        Assert.True(await call.ResponseStream.MoveNext());
        var read = call.ResponseStream.MoveNext();

        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(StatusCode.DeadlineExceeded, await Failure.CodeAsync(read));
        Assert.Equal(StatusCode.DeadlineExceeded, await Failure.CodeAsync(call.RequestStream.WriteAsync(new EchoMessage())));
        await _serverCancelled.Task;
    }

    [Fact]
    public async Task Deadline_in_the_past_sends_nothing()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers { Unary = (_, _) => throw new NotSupportedException() });

        var call = host.Client.UnaryAsync(new EchoMessage(), deadline: DateTime.UtcNow.AddSeconds(-1));

        Assert.Equal(StatusCode.DeadlineExceeded, await Failure.CodeAsync(call.ResponseAsync));
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task Finished_call_leaves_no_timer()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers(), new GrpcChannelOptions { TimeProvider = _time });

        await host.Client.UnaryAsync(new EchoMessage(), deadline: ClientDeadline(minutes: 1));

        Assert.Equal(0, _time.TimerCount);
    }

    [Fact]
    public async Task Server_tells_the_handler_its_deadline()
    {
        var deadline = DateTime.MinValue;
        await using var host = await StartAsync(new EchoHandlers
        {
            Unary = (request, context) =>
            {
                deadline = context.Deadline;
                return Task.FromResult(request);
            },
        });

        await host.Client.UnaryAsync(new EchoMessage(), deadline: DateTime.UtcNow.AddHours(1));
        Assert.InRange(deadline - _time.GetUtcNow().UtcDateTime, TimeSpan.FromMinutes(55), TimeSpan.FromMinutes(60));

        await host.Client.UnaryAsync(new EchoMessage());
        Assert.Equal(DateTime.MaxValue, deadline);
    }

    [Fact]
    public async Task Server_cancels_a_handler_that_listens()
    {
        await using var host = await StartAsync(new EchoHandlers
        {
            Unary = async (_, context) =>
            {
                _started.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
                return new EchoMessage();
            },
        });
        var call = host.Client.UnaryAsync(new EchoMessage(), deadline: DateTime.UtcNow.AddHours(1));
        await _started.Task;

        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(StatusCode.DeadlineExceeded, await Failure.CodeAsync(call.ResponseAsync));
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task Server_answers_although_the_handler_never_returns()
    {
        var stuck = new TaskCompletionSource();
        await using var host = await StartAsync(new EchoHandlers
        {
            Unary = async (request, _) =>
            {
                _started.SetResult();
                await stuck.Task;
                return request;
            },
        });
        var call = host.Client.UnaryAsync(new EchoMessage(), deadline: DateTime.UtcNow.AddHours(1));
        await _started.Task;

        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(StatusCode.DeadlineExceeded, await Failure.CodeAsync(call.ResponseAsync));
        stuck.SetResult();
    }

    [Fact]
    public async Task Server_ends_a_handler_s_read()
    {
        await using var host = await StartAsync(new EchoHandlers
        {
            Duplex = async (requests, responses, _) =>
            {
                await responses.WriteAsync(new EchoMessage());
                await requests.MoveNext();
            },
        });
        using var call = host.Client.Duplex(deadline: DateTime.UtcNow.AddHours(1));
        Assert.True(await call.ResponseStream.MoveNext());

        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(StatusCode.DeadlineExceeded, await Failure.CodeAsync(call.ResponseStream.MoveNext()));
    }

    [Fact]
    public async Task Server_resets_a_stream_whose_write_is_stuck()
    {
        var handler = new TaskCompletionSource();
        await using var host = await StartAsync(new EchoHandlers
        {
            ServerStream = async (_, responses, _) =>
            {
                try
                {
                    await responses.WriteAsync(new EchoMessage());
                    _started.SetResult();
                    while (true)
                        await responses.WriteAsync(new EchoMessage { Data = ByteString.CopyFrom(new byte[1 << 20]) });
                }
                finally
                {
                    handler.SetResult();
                }
            },
        });
        using var call = host.Client.ServerStream(new EchoMessage(), deadline: DateTime.UtcNow.AddHours(1));
        Assert.True(await call.ResponseStream.MoveNext());
        await _started.Task;

        _time.Advance(TimeSpan.FromHours(1));

        await handler.Task;
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext())
                continue;
        });

        // A deadline that comes just between two writes still finds room for its status.
        Assert.Contains(error.StatusCode, new[] { StatusCode.Cancelled, StatusCode.DeadlineExceeded });
        Assert.Empty(host.Log.Errors);
    }

    private DateTime ClientDeadline(int minutes) => _time.GetUtcNow().UtcDateTime.AddMinutes(minutes);

    private Task<GrpcHost> StartAsync(EchoHandlers handlers) => GrpcHost.StartAsync(
        app => app.MapGrpcService<EchoService>(),
        services => services.AddSingleton(handlers).AddSingleton<TimeProvider>(_time));

    private async Task RespondAndWaitAsync(IServerStreamWriter<EchoMessage> responses, ServerCallContext context)
    {
        using var registration = context.CancellationToken.Register(_serverCancelled.SetResult);
        await responses.WriteAsync(new EchoMessage());
        await _serverCancelled.Task;
    }
}
