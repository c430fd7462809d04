using Grpc.Core;
using Grpc.Tests.Hosting;
using Grpc.Tests.Protos;

namespace Grpc.Tests.Streaming;

public sealed class StatusTests
{
    public static TheoryData<StatusCode> ErrorCodes => new(Enum.GetValues<StatusCode>().Where(c => c != StatusCode.OK));

    [Theory]
    [MemberData(nameof(ErrorCodes))]
    public async Task Every_code_reaches_the_client_with_its_text(StatusCode code)
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Unary = (_, _) => throw new RpcException(new Status(code, "größer als 100 %\nzweite Zeile")),
        });

        var error = await Failure.OfAsync(host.Client.UnaryAsync(new EchoMessage()).ResponseAsync);

        Assert.Equal((code, "größer als 100 %\nzweite Zeile"), (error.StatusCode, error.Status.Detail));
        Assert.Empty(host.Log.Errors);
    }

    [Fact]
    public async Task Trailers_come_with_an_error_before_the_first_message()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Unary = (_, context) =>
            {
                context.ResponseTrailers.Add("from-context", "1");
                throw new RpcException(
                    new Status(StatusCode.Aborted, "no"), new Metadata { { "from-error", "2" }, { "detail-bin", [0, 255, 3] } });
            },
        });
        var call = host.Client.UnaryAsync(new EchoMessage());

        var error = await Failure.OfAsync(call.ResponseAsync);

        Assert.Equal("1", error.Trailers.GetValue("from-context"));
        Assert.Equal("2", error.Trailers.GetValue("from-error"));
        Assert.Equal([0, 255, 3], error.Trailers.GetValueBytes("detail-bin")!);
        Assert.Same(error.Trailers, call.GetTrailers());
    }

    [Fact]
    public async Task Trailers_come_with_an_error_after_messages()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            ServerStream = async (_, responses, _) =>
            {
                await responses.WriteAsync(new EchoMessage { Number = 1 });
                await responses.WriteAsync(new EchoMessage { Number = 2 });
                throw new RpcException(new Status(StatusCode.DataLoss, "cut"), new Metadata { { "at", "2" } });
            },
        });
        using var call = host.Client.ServerStream(new EchoMessage());

        Assert.True(await call.ResponseStream.MoveNext());
        Assert.True(await call.ResponseStream.MoveNext());
        Assert.Equal(2, call.ResponseStream.Current.Number);
        var error = await Failure.OfAsync(call.ResponseStream.MoveNext());
        Assert.Equal((StatusCode.DataLoss, "cut", "2"), (error.StatusCode, error.Status.Detail, error.Trailers.GetValue("at")));
    }

    [Fact]
    public async Task Trailers_and_status_text_may_come_with_success()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Unary = (request, context) =>
            {
                context.Status = new Status(StatusCode.OK, "fine");
                context.ResponseTrailers.Add("took", "3");
                return Task.FromResult(request);
            },
        });
        var call = host.Client.UnaryAsync(new EchoMessage { Text = "x" });

        Assert.Equal("x", (await call).Text);
        Assert.Equal(new Status(StatusCode.OK, "fine"), call.GetStatus());
        Assert.Equal("3", call.GetTrailers().GetValue("took"));
    }

    [Fact]
    public async Task Handler_may_set_an_error_and_return()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Unary = (request, context) =>
            {
                context.Status = new Status(StatusCode.NotFound, "nothing");
                return Task.FromResult(request);
            },
        });

        Assert.Equal(StatusCode.NotFound, await Failure.CodeAsync(host.Client.UnaryAsync(new EchoMessage()).ResponseAsync));
    }

    [Fact]
    public async Task Exception_in_a_handler_is_logged_but_not_shown()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Unary = (_, _) => throw new InvalidDataException("secret path"),
            Duplex = async (_, responses, _) =>
            {
                await responses.WriteAsync(new EchoMessage());
                throw new InvalidDataException("secret path");
            },
        });

        var error = await Failure.OfAsync(host.Client.UnaryAsync(new EchoMessage()).ResponseAsync);
        Assert.Equal(StatusCode.Unknown, error.StatusCode);
        Assert.DoesNotContain("secret", error.ToString());
        Assert.DoesNotContain(nameof(InvalidDataException), error.ToString());

        using var call = host.Client.Duplex();
        Assert.True(await call.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.Unknown, await Failure.CodeAsync(call.ResponseStream.MoveNext()));
        Assert.Equal(2, host.Log.Errors.Count(e => e.Contains("secret path")));
    }

    [Fact]
    public async Task Handler_that_returns_null_fails()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers { Unary = (_, _) => Task.FromResult<EchoMessage>(null!) });

        Assert.Equal(StatusCode.Unknown, await Failure.CodeAsync(host.Client.UnaryAsync(new EchoMessage()).ResponseAsync));
    }

    [Fact]
    public async Task Status_of_a_call_that_goes_on_is_not_there()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());
        using var call = host.Client.Duplex();

        Assert.Throws<InvalidOperationException>(() => call.GetStatus());
        Assert.Throws<InvalidOperationException>(() => call.GetTrailers());
    }
}
