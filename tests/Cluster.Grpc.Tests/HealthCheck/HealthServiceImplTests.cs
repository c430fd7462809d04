using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Grpc.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Grpc.Tests.HealthCheck;

public sealed class HealthServiceImplTests
{
    private readonly HealthServiceImpl _health = new();

    [Fact]
    public async Task Check_tells_what_was_set()
    {
        await using var host = await StartAsync();
        var client = new Health.V1.Health.HealthClient(host.Channel);

        Assert.Equal(StatusCode.NotFound, await Failure.CodeAsync(client.CheckAsync(new HealthCheckRequest()).ResponseAsync));
        _health.SetStatus("", ServingStatus.Serving);
        _health.SetStatus("a.B", ServingStatus.NotServing);
        Assert.Equal(ServingStatus.Serving, (await client.CheckAsync(new HealthCheckRequest())).Status);
        Assert.Equal(ServingStatus.NotServing, (await client.CheckAsync(new HealthCheckRequest { Service = "a.B" })).Status);
        _health.ClearStatus("a.B");
        Assert.Equal(
            StatusCode.NotFound, await Failure.CodeAsync(client.CheckAsync(new HealthCheckRequest { Service = "a.B" }).ResponseAsync));
    }

    [Fact]
    public async Task Watch_tells_every_change_until_it_is_cancelled()
    {
        await using var host = await StartAsync();
        using var call = new Health.V1.Health.HealthClient(host.Channel).Watch(new HealthCheckRequest { Service = "a.B" });

        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(call));
        _health.SetStatus("a.B", ServingStatus.Serving);
        Assert.Equal(ServingStatus.Serving, await NextAsync(call));
        _health.SetStatus("other", ServingStatus.NotServing);
        _health.SetStatus("a.B", ServingStatus.Serving);
        _health.SetStatus("a.B", ServingStatus.NotServing);
        Assert.Equal(ServingStatus.NotServing, await NextAsync(call));
        _health.ClearAll();
        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(call));

        call.Dispose();
        Assert.Equal(StatusCode.Cancelled, await Failure.CodeAsync(call.ResponseStream.MoveNext()));
    }

    [Fact]
    public async Task Watch_does_not_hold_up_a_server_that_stops()
    {
        await using var host = await GrpcHost.StartAsync(
            app => app.MapGrpcService<HealthServiceImpl>(), services => services.AddSingleton<HealthServiceImpl>());
        using var call = new Health.V1.Health.HealthClient(host.Channel).Watch(new HealthCheckRequest());
        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(call));

        await host.StopAsync();

        Assert.Equal(StatusCode.Unavailable, await Failure.CodeAsync(call.ResponseStream.MoveNext()));
    }

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> call)
    {
        Assert.True(await call.ResponseStream.MoveNext());
        return call.ResponseStream.Current.Status;
    }

    private Task<GrpcHost> StartAsync() =>
        GrpcHost.StartAsync(app => app.MapGrpcService<HealthServiceImpl>(), services => services.AddSingleton(_health));
}
