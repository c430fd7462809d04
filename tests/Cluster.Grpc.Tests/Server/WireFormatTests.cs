using System.Net;
using Grpc.Tests.Hosting;
using Grpc.Tests.Protos;

namespace Grpc.Tests.Server;

/// <summary>The server as a client that is not ours sees it: PROTOCOL-HTTP2.md.</summary>
public sealed class WireFormatTests
{
    private const string Unary = "/cluster.tests.Echo/Unary";

    [Fact]
    public async Task Response_is_one_frame_and_trailers()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());
        var frame = RawHttp2.Frame(new EchoMessage { Text = "hello" });

        using var response = await RawHttp2.PostAsync(host.Address, Unary, frame);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/grpc", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(frame, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal(("0", null), RawHttp2.StatusOf(response));
        Assert.False(response.Headers.Contains("grpc-status"));
    }

    [Theory]
    [InlineData("/cluster.tests.Echo/Nothing", "12")]
    [InlineData("/cluster.tests.Nothing/Unary", "12")]
    public async Task What_is_not_implemented_is_a_trailers_only_response(string path, string status)
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());

        using var response = await RawHttp2.PostAsync(host.Address, path, RawHttp2.Frame(new EchoMessage()));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(status, response.Headers.GetValues("grpc-status").Single());
        Assert.Contains("Nothing", response.Headers.GetValues("grpc-message").Single());
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("application/grpc+proto")]
    [InlineData("application/grpc;charset=utf-8")]
    public async Task Variants_of_the_content_type_are_taken(string contentType)
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());

        using var response = await RawHttp2.PostAsync(host.Address, Unary, RawHttp2.Frame(new EchoMessage()), contentType);

        Assert.Equal("0", RawHttp2.StatusOf(response).Status);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/grpc-web")]
    [InlineData(null)]
    public async Task Other_content_types_are_refused_by_http_status(string? contentType)
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());

        using var response = await RawHttp2.PostAsync(host.Address, Unary, RawHttp2.Frame(new EchoMessage()), contentType);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task Requests_that_are_not_grpc_are_left_to_others()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());

        using var response = await RawHttp2.PostAsync(host.Address, "/v1/completions", [1], "application/json");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Gzip_is_understood()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());
        var message = new EchoMessage { Text = new string('x', 5000) };

        using var response = await RawHttp2.PostAsync(
            host.Address, Unary, RawHttp2.Frame(message, gzip: true), headers: ("grpc-encoding", "gzip"));

        Assert.Equal("0", RawHttp2.StatusOf(response).Status);
        Assert.Equal(RawHttp2.Frame(message), await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Unknown_encoding_is_unimplemented_and_the_known_ones_are_named()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());

        using var response = await RawHttp2.PostAsync(
            host.Address, Unary, RawHttp2.Frame(new EchoMessage()), headers: ("grpc-encoding", "snappy"));

        Assert.Equal("12", RawHttp2.StatusOf(response).Status);
        Assert.Equal("identity,gzip", response.Headers.GetValues("grpc-accept-encoding").Single());
    }

    [Theory]
    [InlineData("5s")]
    [InlineData("soon")]
    public async Task Malformed_timeout_is_an_error(string timeout)
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());

        using var response = await RawHttp2.PostAsync(
            host.Address, Unary, RawHttp2.Frame(new EchoMessage()), headers: ("grpc-timeout", timeout));

        Assert.Equal("13", RawHttp2.StatusOf(response).Status);
    }

    [Fact]
    public async Task Timeout_of_nothing_is_exceeded()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Unary = async (request, context) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
                return request;
            },
        });

        using var response = await RawHttp2.PostAsync(
            host.Address, Unary, RawHttp2.Frame(new EchoMessage()), headers: ("grpc-timeout", "1n"));

        Assert.Equal("4", RawHttp2.StatusOf(response).Status);
    }

    [Fact]
    public async Task One_request_means_one()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers());
        var frame = RawHttp2.Frame(new EchoMessage { Text = "x" });

        using var none = await RawHttp2.PostAsync(host.Address, Unary, []);
        using var two = await RawHttp2.PostAsync(host.Address, Unary, [.. frame, .. frame]);
        using var half = await RawHttp2.PostAsync(host.Address, Unary, frame[..^1]);

        Assert.Equal(["12", "12", "13"], new[] { none, two, half }.Select(r => RawHttp2.StatusOf(r).Status));
    }

    [Fact]
    public async Task Message_text_is_percent_encoded()
    {
        await using var host = await GrpcHost.StartAsync(new EchoHandlers
        {
            Unary = (_, _) => throw new Grpc.Core.RpcException(new(Grpc.Core.StatusCode.NotFound, "ö 5%")),
        });

        using var response = await RawHttp2.PostAsync(host.Address, Unary, RawHttp2.Frame(new EchoMessage()));

        Assert.Equal(("5", "%C3%B6 5%25"), RawHttp2.StatusOf(response));
    }
}
