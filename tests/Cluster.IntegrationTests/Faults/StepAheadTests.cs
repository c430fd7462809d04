using Cluster.IntegrationTests.Faults.Harness;

namespace Cluster.IntegrationTests.Faults;

/// <summary>A single worker, which begins steps before the last one's tokens are known, writes what two stages write, which do not.</summary>
public sealed class StepAheadTests : IAsyncLifetime
{
    private const int Streams = 5;
    private const int Tokens = 60;

    private readonly Random _random = new(11);
    private readonly LiveStream[] _expected;
    private FaultServer? _server;

    public StepAheadTests() => _expected = LiveStream.Create(Streams, Tokens, _random);

    public async Task InitializeAsync()
    {
        await using (var stages = await FaultServer.StartAsync("--local-workers", "2", "--tensor-parallel", "1", "--pipeline", "2", "--threads", "1"))
            await stages.RunAsync(_expected, _ => { });
        _server = await FaultServer.StartAsync("--local-workers", "1", "--threads", "1");
    }

    public Task DisposeAsync() => _server!.DisposeAsync().AsTask();

    [Fact]
    public async Task Texts_join_one_another_while_they_are_written()
    {
        var streams = _expected.Select(stream => stream.Again()).ToArray();
        var running = new List<Task>();
        foreach (var stream in streams)
        {
            var count = 0;
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            running.Add(stream.RunAsync(_server!.Client, () =>
            {
                if (++count == Tokens / 4) begun.SetResult();
            }));
            await Task.WhenAny(begun.Task, running[^1]);
        }

        await Task.WhenAll(running);
        AssertAsExpected(streams);
    }

    [Fact]
    public async Task Texts_go_on_when_the_only_worker_is_killed()
    {
        for (var round = 0; round < 2; round++)
        {
            var streams = _expected.Select(stream => stream.Again()).ToArray();
            var moment = _random.Next(1, Streams * Tokens / 2);
            await _server!.RunAsync(streams, count =>
            {
                if (count == moment) _server.Signal("local-0", "KILL");
            });
            AssertAsExpected(streams);
            await _server.WhenWholeAsync(1);
        }
    }

    private void AssertAsExpected(LiveStream[] streams) => Assert.All(_expected.Zip(streams), pair =>
        Assert.Equal((null, Tokens, pair.First.Text), (pair.Second.Error, pair.Second.Count, pair.Second.Text)));
}
