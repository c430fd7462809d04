using Cluster.Coordinator.Benchmarking.Serving;
using Cluster.Coordinator.Clients;

namespace Cluster.Coordinator.Tests.Benchmarking.Serving;

public sealed class LoadRunnerTests
{
    private readonly JumpingTime _time = new();

    [Fact]
    public async Task Open_loop_arrives_by_chance_at_the_mean_rate()
    {
        var arrivals = new List<double>();
        var target = new FakeTarget((request, _) =>
        {
            arrivals.Add(_time.GetTimestamp() / (double)TimeSpan.TicksPerSecond);
            return AnswerAsync(request);
        });

        var result = await RunAsync(new Load(null, 20), target, Options with { Requests = 1000 });

        Assert.Equal((1000, 0), (result.Requests.Count, result.Errors));
        var gaps = arrivals.Zip(arrivals.Skip(1), (a, b) => b - a).ToList();
        Assert.InRange(gaps.Average(), 0.045, 0.055);

        // Of an exponential distribution the deviation is the mean.
        Assert.InRange(Math.Sqrt(gaps.Average(gap => gap * gap) - gaps.Average() * gaps.Average()) / gaps.Average(), 0.85, 1.15);
    }

    [Fact]
    public async Task Duration_ends_an_open_loop()
    {
        var result = await RunAsync(new Load(null, 5), new FakeTarget((request, _) => AnswerAsync(request)), Options with { Requests = null, Duration = TimeSpan.FromSeconds(100) });

        Assert.InRange(result.Requests.Count, 400, 600);
        Assert.InRange(result.RequestsPerSecond, 4, 6);
    }

    [Fact]
    public async Task Closed_loop_keeps_so_many_under_way()
    {
        var allThere = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = 0;
        var target = new FakeTarget((request, _) => WaitAsync(request));

        var result = await RunAsync(new Load(5, null), target, Options with { Requests = 23 });

        Assert.Equal((23, 5), (result.Requests.Count, target.MostActive));

        async IAsyncEnumerable<StreamPart> WaitAsync(PlannedRequest request)
        {
            if (Interlocked.Increment(ref arrived) == 5) allThere.SetResult();
            await allThere.Task;
            await foreach (var part in AnswerAsync(request)) yield return part;
        }
    }

    [Fact]
    public async Task Same_seed_asks_the_same_and_lengths_are_mixed()
    {
        var (one, other) = (new FakeTarget((request, _) => AnswerAsync(request)), new FakeTarget((request, _) => AnswerAsync(request)));
        var options = Options with { Requests = 200, PromptTokens = new TokenRange(10, 40), OutputTokens = new TokenRange(3, 9) };
        await RunAsync(new Load(1, null), one, options);
        await RunAsync(new Load(1, null), other, options);

        Assert.Equal(one.Requests, other.Requests);
        Assert.Equal(Enumerable.Range(3, 7), one.Requests.Select(request => request.OutputTokens).Distinct().Order());

        // Two tokens a word.
        var words = one.Requests.Select(request => request.Prompt.Split(' ').Length).ToList();
        Assert.Equal((5, 20), (words.Min(), words.Max()));
        Assert.Equal(200, one.Requests.Select(request => string.Join(' ', request.Prompt.Split(' ').Take(5))).Distinct().Count());
    }

    [Fact]
    public async Task Failures_are_counted_apart_and_make_no_throughput()
    {
        var count = 0;
        var target = new FakeTarget((request, _) => ++count % 4 == 0 ? throw new ServerException("503: lost") : AnswerAsync(request));

        var result = await RunAsync(new Load(1, null), target, Options with { Requests = 20 });

        Assert.Equal((5, 0), (result.Errors, result.Stalled));
        Assert.Equal(("503: lost", 5), Assert.Single(result.Problems));
        Assert.Equal(15 / result.Elapsed.TotalSeconds, result.RequestsPerSecond, 6);
    }

    [Theory]
    [InlineData("7", 7, 7)]
    [InlineData("32-512", 32, 512)]
    public void Range_is_read(string text, int least, int most) => Assert.Equal(new TokenRange(least, most), TokenRange.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("9-3")]
    [InlineData("3-")]
    [InlineData("-3")]
    [InlineData("1e3")]
    public void Wrong_range_is_none(string text) => Assert.Null(TokenRange.Parse(text));

    [Fact]
    public void Percentiles_are_times_that_were()
    {
        var times = Percentiles.Of(Enumerable.Range(1, 200).Reverse().Select(i => TimeSpan.FromMilliseconds(i * i)));

        Assert.Equal((100 * 100, 180 * 180, 198 * 198), (times.P50.TotalMilliseconds, times.P90.TotalMilliseconds, times.P99.TotalMilliseconds));
        Assert.Equal(default, Percentiles.Of([]));
    }

    private static ServingOptions Options => new()
    {
        Loads = [],
        PromptTokens = new(8, 16),
        OutputTokens = new(2, 4),
        StallAfter = TimeSpan.FromHours(1),
        Patience = TimeSpan.FromHours(1),
        Seed = 11,
    };

    private Task<LoadResult> RunAsync(Load load, ILoadTarget target, ServingOptions options) =>
        new LoadRunner(options, _time).RunAsync(load, target, new RequestPlan(options, tokensPerWord: 2), CancellationToken.None);

    /// <summary>Almost at once.</summary>
    private async IAsyncEnumerable<StreamPart> AnswerAsync(PlannedRequest request)
    {
        await Task.CompletedTask;
        for (var i = 0; i < request.OutputTokens; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(0.01));
            yield return new StreamPart("x");
        }
    }
}
