using Cluster.IntegrationTests.Faults.Harness;

namespace Cluster.IntegrationTests.Faults;

/// <summary>Workers come to harm while texts are streamed, and no text differs from what it is without harm. Signals: not on Windows.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private const int Workers = 3;
    private const int Streams = 8;
    private const int Tokens = 60;

    private readonly Random _random = new(7);
    private FaultServer? _server;
    private LiveStream[] _undisturbed = [];

    public async Task InitializeAsync()
    {
        _server = await FaultServer.StartAsync("--local-workers", $"{Workers}", "--threads", "1");
        _undisturbed = LiveStream.Create(Streams, Tokens, _random);
        await _server.RunAsync(_undisturbed, _ => { });
        Assert.All(_undisturbed, stream => Assert.Equal((null, Tokens), (stream.Error, stream.Count)));
    }

    public Task DisposeAsync() => _server!.DisposeAsync().AsTask();

    [Fact]
    public async Task Streams_go_on_when_a_worker_is_killed()
    {
        await DisturbAsync("KILL");
        await _server!.WhenAsync(cluster => FaultServer.HasEvent(cluster, "recovered in"));

        // The killed one comes back and is used, and can be killed again.
        Assert.True(FaultServer.PlanVersion(await _server.WhenWholeAsync(Workers)) >= 3);
        await DisturbAsync("KILL");
    }

    [Fact]
    public async Task Streams_go_on_when_a_worker_is_told_to_leave()
    {
        await DisturbAsync("TERM");

        var cluster = await _server!.WhenAsync(cluster => FaultServer.HasEvent(cluster, "ended with exit code 0"));
        Assert.False(FaultServer.HasEvent(cluster, "is lost"));
    }

    [Fact]
    public async Task Streams_go_on_when_an_operator_removes_a_worker_and_it_returns_when_it_is_restored()
    {
        var streams = _undisturbed[..4].Select(stream => stream.Again()).ToArray();
        var removing = new TaskCompletionSource<Task<string>>();
        await _server!.RunAsync(streams, count =>
        {
            if (count == 40) removing.SetResult(_server.WorkersAsync("remove", "local-1"));
        });
        AssertUndisturbed(_undisturbed[..4], streams);
        Assert.Equal("worker 'local-1' is removed\n", await await removing.Task);

        var cluster = await _server.WhenAsync(cluster => FaultServer.HasEvent(cluster, "ended with exit code 0"));
        Assert.True(FaultServer.HasEvent(cluster, "worker 'local-1' drains"));
        Assert.False(FaultServer.HasEvent(cluster, "is lost"));
        await _server.WhenWholeAsync(Workers - 1);
        Assert.Matches(@"local-1 +removed", await _server.WorkersAsync("list"));

        Assert.Equal("worker 'local-1' may join again\n", await _server.WorkersAsync("restore", "local-1"));
        await _server.WhenWholeAsync(Workers);
        Assert.Matches(@"local-1 +active +\S.* 127\.0\.0\.1:\d+ +\d+\.\d\d ms", await _server.WorkersAsync("list"));
    }

    [Fact]
    public async Task A_worker_that_is_stopped_is_replaced()
    {
        await DisturbAsync("STOP");

        await _server!.WhenAsync(cluster => FaultServer.HasEvent(cluster, "is lost: it has been silent"));
    }

    [Fact]
    public async Task A_worker_that_is_stopped_for_a_moment_stays()
    {
        var streams = _undisturbed.Select(stream => stream.Again()).ToArray();
        var stopped = new TaskCompletionSource();
        var running = _server!.RunAsync(streams, count =>
        {
            if (count != 100) return;
            _server.Signal("local-1", "STOP");
            stopped.SetResult();
        });
        await stopped.Task;
        var before = await _server.WhenAsync(cluster => FaultServer.HasEvent(cluster, "worker 'local-1' is suspected"));
        _server.Signal("local-1", "CONT");
        await running;

        AssertUndisturbed(_undisturbed, streams);
        Assert.Equal(FaultServer.PlanVersion(before), FaultServer.PlanVersion(await _server.WhenWholeAsync(Workers)));
    }

    [Fact]
    public async Task A_coordinator_that_is_told_to_end_finishes_what_runs_and_takes_nothing_new()
    {
        var streams = _undisturbed.Select(stream => stream.Again()).ToArray();
        var told = new TaskCompletionSource();
        var running = _server!.RunAsync(streams, count =>
        {
            if (count != 50) return;
            _server.SignalCoordinator("TERM");
            told.SetResult();
        });
        await told.Task;
        await _server.WhenAsync(cluster => cluster.GetProperty("status").GetString() == "draining");
        using var refused = await _server.Client.GetAsync(new Uri("/v1/models", UriKind.Relative));
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, refused.StatusCode);

        await running;
        AssertUndisturbed(_undisturbed, streams);
        Assert.Equal(0, await _server.WaitForExitAsync());
    }

    private async Task DisturbAsync(string signal)
    {
        var streams = _undisturbed.Select(stream => stream.Again()).ToArray();
        var (moment, worker) = (_random.Next(1, Streams * Tokens / 2), $"local-{_random.Next(Workers)}");
        await _server!.RunAsync(streams, count =>
        {
            if (count == moment) _server.Signal(worker, signal);
        });
        AssertUndisturbed(_undisturbed, streams);
    }

    private static void AssertUndisturbed(LiveStream[] undisturbed, LiveStream[] streams) => Assert.All(undisturbed.Zip(streams), pair =>
        Assert.Equal((null, pair.First.Count, pair.First.Text), (pair.Second.Error, pair.Second.Count, pair.Second.Text)));
}
