using System.Collections.Concurrent;
using System.Net;
using Cluster.Protos.V1;
using Cluster.Worker.Shards;
using Cluster.Worker.Tests.Support;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Cluster.Worker.Tests.Shards;

public sealed class ChannelFallbackTests
{
    private static readonly StepWork s_reduce = (_, collective, _, _, _) => collective.AllReduce(new HostBuffer(new float[64]), 64);

    /// <summary>
    /// Sockets are listened for at another address than the plan has, as behind a firewall. Nobody else has the plan's: what listens
    /// at the usual one, at whatever port, would answer in its own way.
    /// </summary>
    [Fact]
    public async Task FramesGoOverGrpcWhereNoSocketCanBeConnected()
    {
        var log = new WarningLog();
        await using var cluster = await TestCluster.StartAsync(3, 1, s_reduce, host: "127.0.0.3", sockets: IPAddress.Parse("127.0.0.2"), logger: log);

        var results = await cluster.RunAsync(1);

        Assert.All(results, result => Assert.Equal("", result.Error));
        Assert.All(results, result => Assert.Equal((ulong)(2 * (5 + 2 + 2 + 3 + 256) + 5 + result.CalculateSize()), result.WireBytes));
        Assert.Equal(3, log.Warnings.Count);
        Assert.All(log.Warnings, line => Assert.Matches(@"^plan 1, stage 0, rank [12]: no socket to rank [01] at [0-9.:]+, frames go over gRPC: Connection refused", line));
    }

    [Fact]
    public async Task StrangersAreOfferedNoSocket()
    {
        await using var cluster = await TestCluster.StartAsync(2, 1, s_reduce);
        await cluster.LoadAsync(5, 2);
        (OpenChannelRequest Request, StatusCode Status, string Problem)[] bad =
        [
            (new() { PlanVersion = 4, Listener = 0, Caller = 1 }, StatusCode.FailedPrecondition, "plan 4 was replaced by plan 5"),
            (new() { PlanVersion = 5, Listener = 1, Caller = 2 }, StatusCode.FailedPrecondition, "rank 1 was called"),
            (new() { PlanVersion = 5, Listener = 0, Caller = 0 }, StatusCode.InvalidArgument, "no socket from rank 0"),
            (new() { PlanVersion = 5, Listener = 0, Caller = -4 }, StatusCode.InvalidArgument, "no socket from rank -4"),
            (new() { PlanVersion = 5, Listener = 0, Caller = 1 }, StatusCode.AlreadyExists, "has a link to rank 1 already"),
        ];
        foreach (var (request, status, problem) in bad)
        {
            var e = await Assert.ThrowsAsync<RpcException>(async () => await cluster.Workers[0].Client.OpenChannelAsync(request));
            Assert.Equal(status, e.StatusCode);
            Assert.Contains(problem, e.Status.Detail, StringComparison.Ordinal);
        }

        Assert.All(await cluster.RunAsync(1), result => Assert.Equal("", result.Error));
    }

    private sealed class WarningLog : ILogger<ShardActorLog>
    {
        public ConcurrentQueue<string> Warnings { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Warnings.Enqueue(formatter(state, exception));
    }
}
