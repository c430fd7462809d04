using Grpc.Core;
using Grpc.Tests.Hosting;
using Grpc.Tests.Protos;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Grpc.Tests.Client;

/// <summary>The client against servers that are not ours, or not gRPC at all.</summary>
public sealed class ResponseTests
{
    [Theory]
    [InlineData(404, StatusCode.Unimplemented)]
    [InlineData(401, StatusCode.Unauthenticated)]
    [InlineData(503, StatusCode.Unavailable)]
    [InlineData(500, StatusCode.Unknown)]
    public async Task Http_errors_become_statuses(int http, StatusCode code)
    {
        await using var host = await RespondAsync(response =>
        {
            response.StatusCode = http;
            return response.WriteAsync("<html>");
        });

        var error = await Failure.OfAsync(host.Client.UnaryAsync(new EchoMessage()).ResponseAsync);

        Assert.Equal(code, error.StatusCode);
        Assert.Contains(http.ToString(), error.Status.Detail);
    }

    [Fact]
    public async Task Grpc_status_counts_more_than_the_http_status()
    {
        await using var host = await RespondAsync(response =>
        {
            response.StatusCode = 503;
            response.Headers["grpc-status"] = "7";
            response.Headers["grpc-message"] = "no %C3%BC";
            response.Headers["detail"] = "x";
            return Task.CompletedTask;
        });

        var error = await Failure.OfAsync(host.Client.UnaryAsync(new EchoMessage()).ResponseAsync);

        Assert.Equal((StatusCode.PermissionDenied, "no ü", "x"), (error.StatusCode, error.Status.Detail, error.Trailers.GetValue("detail")));
    }

    [Fact]
    public async Task Response_that_is_not_grpc_is_an_error()
    {
        await using var host = await RespondAsync(response =>
        {
            response.ContentType = "text/html";
            return response.WriteAsync("hello");
        });

        var error = await Failure.OfAsync(host.Client.UnaryAsync(new EchoMessage()).ResponseAsync);

        Assert.Equal(StatusCode.Unknown, error.StatusCode);
        Assert.Contains("text/html", error.Status.Detail);
    }

    [Theory]
    [InlineData(null, StatusCode.Internal)]
    [InlineData("99", StatusCode.Unknown)]
    [InlineData("x", StatusCode.Unknown)]
    [InlineData("16", StatusCode.Unauthenticated)]
    public async Task Odd_statuses(string? status, StatusCode code)
    {
        await using var host = await RespondAsync(async response =>
        {
            response.ContentType = "application/grpc";
            await response.BodyWriter.WriteAsync(RawHttp2.Frame(new EchoMessage()));
            if (status is not null)
                response.AppendTrailer("grpc-status", status);
        });

        Assert.Equal(code, await Failure.CodeAsync(host.Client.UnaryAsync(new EchoMessage()).ResponseAsync));
    }

    [Fact]
    public async Task Gzip_is_understood_and_offered()
    {
        var offered = "";
        await using var host = await RespondAsync(async response =>
        {
            offered = response.HttpContext.Request.Headers["grpc-accept-encoding"];
            response.ContentType = "application/grpc+proto";
            response.Headers["grpc-encoding"] = "gzip";
            await response.BodyWriter.WriteAsync(RawHttp2.Frame(new EchoMessage { Text = new string('z', 3000) }, gzip: true));
            response.AppendTrailer("grpc-status", "0");
        });

        Assert.Equal(3000, (await host.Client.UnaryAsync(new EchoMessage())).Text.Length);
        Assert.Equal("identity,gzip", offered);
    }

    [Fact]
    public async Task Encoding_that_was_not_offered_is_an_error()
    {
        await using var host = await RespondAsync(async response =>
        {
            response.ContentType = "application/grpc";
            response.Headers["grpc-encoding"] = "br";
            await response.BodyWriter.WriteAsync(RawHttp2.Frame(new EchoMessage()));
            response.AppendTrailer("grpc-status", "0");
        });

        Assert.Equal(StatusCode.Internal, await Failure.CodeAsync(host.Client.UnaryAsync(new EchoMessage()).ResponseAsync));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task One_response_means_one(int count)
    {
        await using var host = await RespondAsync(async response =>
        {
            response.ContentType = "application/grpc";
            for (var i = 0; i < count; i++)
                await response.BodyWriter.WriteAsync(RawHttp2.Frame(new EchoMessage { Text = "x" }));
            response.AppendTrailer("grpc-status", "0");
        });

        Assert.Equal(StatusCode.Unimplemented, await Failure.CodeAsync(host.Client.UnaryAsync(new EchoMessage()).ResponseAsync));
    }

    [Fact]
    public async Task Response_that_cannot_be_parsed_is_an_error()
    {
        await using var host = await RespondAsync(async response =>
        {
            response.ContentType = "application/grpc";
            await response.BodyWriter.WriteAsync(new byte[] { 0, 0, 0, 0, 1, 0xff });
            response.AppendTrailer("grpc-status", "0");
        });

        Assert.Equal(StatusCode.Internal, await Failure.CodeAsync(host.Client.UnaryAsync(new EchoMessage()).ResponseAsync));
    }

    private static Task<GrpcHost> RespondAsync(Func<HttpResponse, Task> respond) =>
        GrpcHost.StartAsync(app => app.MapPost("/cluster.tests.Echo/Unary", context => respond(context.Response)));
}
