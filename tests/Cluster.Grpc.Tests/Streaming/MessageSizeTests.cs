using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Tests.Hosting;
using Grpc.Tests.Protos;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.Tests.Streaming;

public sealed class MessageSizeTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(16_384 - 5)]
    [InlineData(16_384)]
    [InlineData(65_536)]
    [InlineData(1 << 20)]
    [InlineData(3_900_000)]
    public async Task Messages_up_to_the_limit_arrive_whole(int size)
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());
        var message = Random(size);

        Assert.Equal(message, await host.Client.UnaryAsync(message));

        using var call = host.Client.Duplex();
        for (var i = 0; i < 3; i++)
        {
            await call.RequestStream.WriteAsync(message);
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal(message, call.ResponseStream.Current);
        }
    }

    [Fact]
    public async Task Sixteen_mebibytes_without_limits()
    {
        await using var host = await StartAsync(null, new GrpcChannelOptions { MaxReceiveMessageSize = null });
        var message = Random(16 << 20);

        Assert.Equal(message, await host.Client.UnaryAsync(message));
    }

    [Fact]
    public async Task Too_big_a_request_is_refused_by_the_server()
    {
        await using var host = await StartAsync(1000, new GrpcChannelOptions());

        Assert.Equal(StatusCode.ResourceExhausted, await Failure.CodeAsync(host.Client.UnaryAsync(Random(1001)).ResponseAsync));
        using var call = host.Client.Duplex();
        await Failure.MayFailAsync(call.RequestStream.WriteAsync(Random(1001)));
        Assert.Equal(StatusCode.ResourceExhausted, await Failure.CodeAsync(call.ResponseStream.MoveNext()));
        Assert.Equal("x", (await host.Client.UnaryAsync(new EchoMessage { Text = "x" })).Text);
    }

    [Fact]
    public async Task Too_big_a_response_is_refused_by_the_client_and_the_server_is_told()
    {
        var cancelled = new TaskCompletionSource();
        await using var host = await GrpcHost.StartAsync(
            new EchoHandlers
            {
                ServerStream = async (_, responses, context) =>
                {
                    context.CancellationToken.Register(cancelled.SetResult);
                    await responses.WriteAsync(Random(1001));
                    await cancelled.Task;
                },
            },
            new GrpcChannelOptions { MaxReceiveMessageSize = 1000 });
        using var call = host.Client.ServerStream(new EchoMessage());

        Assert.Equal(StatusCode.ResourceExhausted, await Failure.CodeAsync(call.ResponseStream.MoveNext()));
        await cancelled.Task;
    }

    [Fact]
    public async Task Too_big_a_message_is_not_sent_by_the_client()
    {
        var calls = 0;
        await using var host = await GrpcHost.StartAsync(
            new EchoHandlers
            {
                Unary = (request, _) =>
                {
                    calls++;
                    return Task.FromResult(request);
                },
            },
            new GrpcChannelOptions { MaxSendMessageSize = 1000 });

        Assert.Equal(StatusCode.ResourceExhausted, await Failure.CodeAsync(host.Client.UnaryAsync(Random(1001)).ResponseAsync));
        Assert.Equal(0, calls);

        using var call = host.Client.ClientStream();
        Assert.Equal(StatusCode.ResourceExhausted, await Failure.CodeAsync(call.RequestStream.WriteAsync(Random(1001))));
        Assert.Equal(StatusCode.ResourceExhausted, await Failure.CodeAsync(call.ResponseAsync));
    }

    [Fact]
    public async Task Too_big_a_message_is_not_sent_by_the_server()
    {
        await using var host = await GrpcHost.StartAsync(
            app => app.MapGrpcService<EchoService>(),
            services => services.AddSingleton(new EchoHandlers { Unary = (_, _) => Task.FromResult(Random(1001)) }),
            options => options.MaxSendMessageSize = 1000);

        Assert.Equal(StatusCode.ResourceExhausted, await Failure.CodeAsync(host.Client.UnaryAsync(new EchoMessage()).ResponseAsync));
    }

    private static Task<GrpcHost> StartAsync(int? serverLimit, GrpcChannelOptions channel) => GrpcHost.StartAsync(
        app => app.MapGrpcService<EchoService>(),
        services => services.AddSingleton(new EchoHandlers()),
        options => options.MaxReceiveMessageSize = serverLimit,
        channel: channel);

    private static EchoMessage Random(int size)
    {
        var data = new byte[size];
        new Random(size).NextBytes(data);
        return new EchoMessage { Data = ByteString.CopyFrom(data) };
    }
}
