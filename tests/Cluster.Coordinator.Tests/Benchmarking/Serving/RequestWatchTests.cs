using System.Runtime.CompilerServices;
using Cluster.Coordinator.Benchmarking.Serving;
using Cluster.Coordinator.Clients;

namespace Cluster.Coordinator.Tests.Benchmarking.Serving;

public sealed class RequestWatchTests
{
    private static readonly PlannedRequest s_request = new("some words", 4, 1);

    private readonly JumpingTime _time = new();

    [Fact]
    public async Task Times_are_those_between_texts()
    {
        var record = await RunAsync(
            (30, new StreamPart("")), (20, new StreamPart("a")), (10, new StreamPart("b")), (5, new StreamPart("", "length")), (25, new StreamPart("c")),
            (1, new StreamPart("", null, 7, 4)));

        Assert.Null(record.Error);
        Assert.Equal((50, 91), (record.FirstToken!.Value.TotalMilliseconds, record.Whole.TotalMilliseconds));
        Assert.Equal([10.0, 30.0], record.Gaps.Select(gap => gap.TotalMilliseconds));
        Assert.Equal((7, 4), (record.InputTokens, record.OutputTokens));

        // Forty milliseconds for three tokens after the first.
        Assert.Equal(40.0 / 3, record.PerOutputToken!.Value.TotalMilliseconds, 3);
    }

    [Fact]
    public async Task Texts_are_counted_where_the_server_does_not() =>
        Assert.Equal(3, (await RunAsync((1, new StreamPart("a")), (1, new StreamPart("b")), (1, new StreamPart("c")))).OutputTokens);

    [Fact]
    public async Task Errors_and_empty_answers_are_told()
    {
        Assert.Equal("429: full", (await RunAsync((1, new StreamPart("a")), (1, null))).Error);
        Assert.Equal("the answer had no text", (await RunAsync((1, new StreamPart("", "stop")))).Error);
    }

    [Fact]
    public async Task Stream_that_goes_still_has_stalled()
    {
        var time = new ManualTimeProvider();
        var target = new FakeTarget((_, cancellationToken) => BeginAsync(time, cancellationToken));

        var record = await new RequestWatch(target, Options, time).RunAsync(s_request, CancellationToken.None);

        Assert.True(record.IsStalled);
        Assert.NotNull(record.Error);
    }

    private static ServingOptions Options => new() { Loads = [], PromptTokens = new(1, 1), OutputTokens = new(1, 1), StallAfter = TimeSpan.FromMinutes(3), Patience = TimeSpan.FromHours(1) };

    private Task<RequestRecord> RunAsync(params (int Milliseconds, StreamPart? Part)[] script) =>
        new RequestWatch(new FakeTarget((_, _) => PlayAsync(script)), Options, _time).RunAsync(s_request, CancellationToken.None);

    private async IAsyncEnumerable<StreamPart> PlayAsync((int Milliseconds, StreamPart? Part)[] script)
    {
        foreach (var (milliseconds, part) in script)
        {
            await Task.Yield();
            _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
            yield return part ?? throw new ServerException("429: full");
        }
    }

    private static async IAsyncEnumerable<StreamPart> BeginAsync(ManualTimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new StreamPart("a");
        time.Advance(TimeSpan.FromMinutes(2));
        yield return new StreamPart("b");
        time.Advance(TimeSpan.FromMinutes(4));
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
    }
}
