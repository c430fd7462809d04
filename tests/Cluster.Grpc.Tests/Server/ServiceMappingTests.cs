using Grpc.Core;
using Grpc.HealthCheck;
using Grpc.Tests.Hosting;
using Grpc.Tests.Protos;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.Tests.Server;

public sealed class ServiceMappingTests
{
    [Fact]
    public async Task Each_call_gets_a_service_of_its_own_that_is_disposed_after_it()
    {
        var counts = new Counts();
        await using (var host = await GrpcHost.StartAsync(
            app => app.MapGrpcService<CountingService>(), services => services.AddSingleton(counts)))
        {
            await host.Client.UnaryAsync(new EchoMessage());
            await host.Client.UnaryAsync(new EchoMessage());
        }

        Assert.Equal((2, 2), (counts.Created, counts.Disposed));
    }

    [Fact]
    public async Task Registered_singleton_serves_all_calls()
    {
        var counts = new Counts();
        await using (var host = await GrpcHost.StartAsync(
            app => app.MapGrpcService<CountingService>(), services => services.AddSingleton(counts).AddSingleton<CountingService>()))
        {
            await host.Client.UnaryAsync(new EchoMessage());
            await host.Client.UnaryAsync(new EchoMessage());
            Assert.Equal((1, 0), (counts.Created, counts.Disposed));
        }
    }

    [Fact]
    public async Task Bound_instance_serves_all_kinds_of_call()
    {
        await using var host = await GrpcHost.StartAsync(
            app => app.MapGrpcService(Echo.BindService(new EchoService(new EchoHandlers()))));

        Assert.Equal("u", (await host.Client.UnaryAsync(new EchoMessage { Text = "u" })).Text);
        using var server = host.Client.ServerStream(new EchoMessage { Number = 3 });
        Assert.Equal(3, await server.ResponseStream.ReadAllAsync().CountAsync());
        using var client = host.Client.ClientStream();
        await client.RequestStream.WriteAsync(new EchoMessage { Text = "c" });
        await client.RequestStream.CompleteAsync();
        Assert.Equal("c", (await client).Text);
        using var duplex = host.Client.Duplex();
        await duplex.RequestStream.WriteAsync(new EchoMessage { Text = "d" });
        Assert.True(await duplex.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task Method_that_the_service_leaves_out_is_unimplemented()
    {
        await using var host = await GrpcHost.StartAsync(
            app => app.MapGrpcService<CountingService>(), services => services.AddSingleton(new Counts()));
        using var call = host.Client.ServerStream(new EchoMessage());

        Assert.Equal(StatusCode.Unimplemented, await Failure.CodeAsync(call.ResponseStream.MoveNext()));
    }

    [Fact]
    public async Task Two_services_share_an_application()
    {
        await using var host = await GrpcHost.StartAsync(
            app =>
            {
                app.MapGrpcService<EchoService>();
                app.MapGrpcService<HealthServiceImpl>();
            },
            services => services.AddSingleton(new EchoHandlers()).AddSingleton<HealthServiceImpl>());

        Assert.Equal("x", (await host.Client.UnaryAsync(new EchoMessage { Text = "x" })).Text);
        using var unknown = await RawHttp2.PostAsync(host.Address, "/no.Such/Thing", []);
        Assert.Equal("12", RawHttp2.StatusOf(unknown).Status);
    }

    [Fact]
    public async Task Mapping_without_AddGrpc_or_of_another_type_says_so()
    {
        await using var plain = WebApplication.CreateSlimBuilder().Build();
        Assert.Contains("AddGrpc", Assert.Throws<InvalidOperationException>(() => plain.MapGrpcService<CountingService>()).Message);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddGrpc();
        await using var app = builder.Build();
        Assert.Contains(nameof(Counts), Assert.Throws<InvalidOperationException>(() => app.MapGrpcService<Counts>()).Message);
    }

    public sealed class Counts
    {
        public int Created { get; set; }

        public int Disposed { get; set; }
    }

    public sealed class CountingService : Echo.EchoBase, IDisposable
    {
        private readonly Counts _counts;

        public CountingService(Counts counts)
        {
            _counts = counts;
            counts.Created++;
        }

        public override Task<EchoMessage> Unary(EchoMessage request, ServerCallContext context) => Task.FromResult(request);

        public void Dispose() => _counts.Disposed++;
    }
}
