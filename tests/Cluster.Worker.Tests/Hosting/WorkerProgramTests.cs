using Cluster.Protos.V1;
using Cluster.Worker.CommandLine;
using Cluster.Worker.Hosting;
using Cluster.Worker.Membership;
using Cluster.Worker.Tests.Support;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cluster.Worker.Tests.Hosting;

public sealed class WorkerProgramTests
{
    [Fact]
    public async Task JoinsServesAndEndsWhenTold()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var running = WorkerProgram.RunAsync(Options(coordinator.Port) with { Name = "w1" }, CancellationToken.None, CancellationToken.None);

        var joined = await coordinator.NextJoinAsync();
        Assert.Equal("w1", joined.Description.Name);
        Assert.Equal(Environment.ProcessId, joined.Description.ProcessId);
        Assert.Equal("cpu", joined.Description.Device.Id);
        Assert.Equal(1, joined.Description.Device.Threads);
        Assert.NotEqual(0ul, joined.Description.Device.MemoryBytes);
        Assert.NotEmpty(joined.Description.Version);
        using (var channel = GrpcChannel.ForAddress($"http://{joined.Description.Address}"))
        {
            var health = await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest { Service = "cluster.v1.Worker" });
            Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
        }

        await joined.Notices.WriteAsync(new MemberNotice { ShutDown = true });

        Assert.Equal(0, await running);
    }

    [Fact]
    public async Task LoadsTheSampleModelAndAnswersAStep()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        using var stopping = new CancellationTokenSource();
        var running = WorkerProgram.RunAsync(Options(coordinator.Port), CancellationToken.None, stopping.Token);
        var joined = await coordinator.NextJoinAsync();
        using var channel = GrpcChannel.ForAddress($"http://{joined.Description.Address}");
        var client = new Protos.V1.Worker.WorkerClient(channel);

        using var load = client.LoadShard(SampleShard.Request());
        var last = new LoadShardProgress();
        while (await load.ResponseStream.MoveNext(CancellationToken.None)) last = load.ResponseStream.Current;
        Assert.NotNull(last.Ready);
        Assert.Equal(last.TotalBytes, last.LoadedBytes);
        using var steps = client.Execute();
        await steps.RequestStream.WriteAsync(Requests.Step(1, 1, token: 300).WithRow(0, candidates: 5, temperature: 1, 7));
        Assert.True(await steps.ResponseStream.MoveNext(CancellationToken.None));

        var result = steps.ResponseStream.Current;
        Assert.Equal("", result.Error);
        Assert.Equal(5, result.CandidateIds.Distinct().Count());
        Assert.Equal([7], result.RequestedIds);
        Assert.All(result.CandidateLogits, logit => Assert.InRange(logit, -1000, result.LogSumExps[0]));
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task ComesBackToACoordinatorThatComesBack()
    {
        var first = await TestCoordinator.StartAsync();
        using var stopping = new CancellationTokenSource();
        var running = WorkerProgram.RunAsync(Options(first.Port) with { Name = "w" }, CancellationToken.None, stopping.Token);
        var description = (await first.NextJoinAsync()).Description;
        var address = description.Address;
        Assert.True(description.Device is { ReadBytesPerSecond: > 1e6, MultiplyAddsPerSecond: > 1e6 });
        await first.DisposeAsync();

        await using var second = await TestCoordinator.StartAsync(first.Port);
        var again = await second.NextJoinAsync();

        Assert.Equal(("w", address), (again.Description.Name, again.Description.Address));
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task JoinsAgainWhenItsStreamIsReset()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var running = WorkerProgram.RunAsync(Options(coordinator.Port) with { Name = "reset" }, CancellationToken.None, CancellationToken.None);

        var joined = await coordinator.NextJoinAsync();
        await joined.Notices.WriteAsync(new MemberNotice { ShutDown = true });

        Assert.Equal(0, await running);
    }

    [Fact]
    public async Task EndsWithACoordinatorThatItMayNotOutlive()
    {
        var coordinator = await TestCoordinator.StartAsync();
        var running = WorkerProgram.RunAsync(Options(coordinator.Port) with { ExitOnDisconnect = true }, CancellationToken.None, CancellationToken.None);
        var joined = await coordinator.NextJoinAsync();
        Assert.Equal((0, 0), (joined.Description.Device.ReadBytesPerSecond, joined.Description.Device.MultiplyAddsPerSecond));

        // Its first heartbeat says that it knows itself to be a member.
        Assert.True(await joined.Reports.MoveNext(CancellationToken.None));
        await coordinator.DisposeAsync();

        Assert.Equal(0, await running);
    }

    [Fact]
    public async Task ARefusalIsOneLine()
    {
        await using var coordinator = await TestCoordinator.StartAsync();

        var e = await Assert.ThrowsAsync<WorkerException>(
            () => WorkerProgram.RunAsync(Options(coordinator.Port) with { Name = "unwanted" }, CancellationToken.None, CancellationToken.None));

        Assert.Equal($"the coordinator at 127.0.0.1:{coordinator.Port} refused this worker: the name 'unwanted' is taken", e.Message);
    }

    [Fact]
    public async Task AnUnreachableCoordinatorIsNamed()
    {
        var options = new CoordinatorOptions(new HostPort("127.0.0.1", 9), ExitOnDisconnect: false) { Patience = TimeSpan.FromMilliseconds(300) };
        var membership = new CoordinatorMembership(
            options, new WorkerDescription(), new MembershipLog(NullLogger<MembershipLog>.Instance), TimeProvider.System);

        var e = await Assert.ThrowsAsync<WorkerException>(() => membership.RunAsync(CancellationToken.None, CancellationToken.None));

        Assert.StartsWith("cannot reach the coordinator at 127.0.0.1:9 within 0.3 s: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATakenAddressIsOneLine()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var taken = new HostPort("127.0.0.1", coordinator.Port);

        var e = await Assert.ThrowsAsync<WorkerException>(
            () => WorkerProgram.RunAsync(Options(coordinator.Port) with { Listen = taken }, CancellationToken.None, CancellationToken.None));

        Assert.StartsWith($"cannot listen on {taken}: ", e.Message, StringComparison.Ordinal);
    }

    private static WorkerOptions Options(int coordinatorPort) => new()
    {
        Coordinator = new HostPort("127.0.0.1", coordinatorPort),
        Listen = new HostPort("127.0.0.1", 0),
        Device = "cpu",
        Threads = 1,
        LogLevel = LogLevel.None,
    };
}
