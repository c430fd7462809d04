using Grpc.Core;
using Grpc.Tests.Hosting;
using Grpc.Tests.Protos;

namespace Grpc.Tests.Streaming;

public sealed class CallKindTests
{
    [Fact]
    public async Task Unary_gives_the_response_of_the_handler()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Unary = (request, _) => Task.FromResult(new EchoMessage { Text = request.Text + "!", Number = request.Number * 2 }),
        });

        var response = await host.Client.UnaryAsync(new EchoMessage { Text = "grüße", Number = 21 });

        Assert.Equal(("grüße!", 42), (response.Text, response.Number));
    }

    [Fact]
    public async Task Blocking_unary_gives_the_response_too()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());

        Assert.Equal("one", host.Client.Unary(new EchoMessage { Text = "one" }).Text);
    }

    [Fact]
    public async Task Client_stream_is_read_to_its_end_before_the_response()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());
        using var call = host.Client.ClientStream();

        for (var i = 1; i <= 10; i++)
            await call.RequestStream.WriteAsync(new EchoMessage { Text = i.ToString(), Number = i });
        await call.RequestStream.CompleteAsync();

        var response = await call;
        Assert.Equal(("12345678910", 55), (response.Text, response.Number));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Server_stream_comes_in_order_and_ends()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());
        using var call = host.Client.ServerStream(new EchoMessage { Text = "x", Number = 100 });

        var numbers = new List<int>();
        await foreach (var response in call.ResponseStream.ReadAllAsync())
            numbers.Add(response.Number);

        Assert.Equal(Enumerable.Range(0, 100), numbers);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Duplex_messages_are_answered_one_by_one()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());
        using var call = host.Client.Duplex();

        for (var i = 0; i < 50; i++)
        {
            await call.RequestStream.WriteAsync(new EchoMessage { Number = i });
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal(i, call.ResponseStream.Current.Number);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }
}
