using System.Collections.Immutable;
using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Engine.Statistics;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Planning.Costs;
using Cluster.Coordinator.Sessions;
using Cluster.Model.Sampling;

namespace Cluster.Coordinator.Benchmarking;

/// <summary>Runs tests on a loaded model, as requests like any others, and measures in between what the devices do at most.</summary>
internal sealed class BenchmarkSession(string modelName, ModelFacts model, ModelSession session, BenchmarkOptions options, SplitSize split, SessionSetup setup)
{
    private const int Seed = 1;

    private static readonly SamplingOptions s_greedy = new() { Temperature = 0 };

    private readonly Random _random = new(Seed);
    private readonly ImmutableArray<RankCost> _costs =
        [.. session.Plan.Shards.Shards.Select(new ModelCosts(model, session.Plan.Options.CacheFormat).Of)];
    private readonly List<int[]> _prefixes = [];

    /// <summary>Has code compiled and memory touched, and fills the cache for the deepest and widest test; shorter depths begin with the same tokens.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var (depth, batch) = (options.Axes.Depths.Max(), options.Axes.Batches.Max());
        if (depth > 0)
        {
            var filler = new CacheFiller(session, model.Config, Seed);
            for (var i = 0; i < batch; i++)
            {
                _prefixes.Add(RandomTokens(depth));
                await filler.FillAsync(_prefixes[i], cancellationToken).ConfigureAwait(false);
            }
        }

        await MeasureAsync(new BenchmarkTest(BenchmarkOptions.WarmUpPrompt, 0, 0, 1), cancellationToken).ConfigureAwait(false);
        await MeasureAsync(new BenchmarkTest(0, BenchmarkOptions.WarmUpGenerate, 0, 1), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Repeats one test.</summary>
    /// <exception cref="EngineException">A step failed.</exception>
    /// <exception cref="ClusterException">A worker could not measure its limits.</exception>
    public async Task<BenchmarkRow> RunAsync(BenchmarkTest test, CancellationToken cancellationToken)
    {
        var samples = new List<BenchmarkSample>();
        var limits = new List<RankLimits[]>();
        var before = session.Engine.Statistics;
        for (var repetition = 0; repetition < options.Repetitions; repetition++)
        {
            limits.Add(await LimitsMeasurement.RunAsync(session, cancellationToken).ConfigureAwait(false));
            samples.Add(await MeasureAsync(test, cancellationToken).ConfigureAwait(false));
        }

        var steps = StepsOf(test, session.Engine.Statistics.Since(before));
        KernelBreakdown? kernels = null;
        if (options.TimesKernels && KernelMeasurement.IsPossible(session))
        {
            (kernels, var timed) = await KernelMeasurement.RunAsync(session, () => MeasureAsync(test, cancellationToken)).ConfigureAwait(false);
            steps = kernels.Correct(steps, StepsOf(test, timed));
        }

        var rate = Spread.Of(samples.Select(sample => sample.TokensPerSecond));
        TestCost[] costs = [.. _costs.Select(rank => TestCost.Of(rank, test, options.PrefillChunk))];
        var seconds = costs[0].Tokens / rate.Median;
        ImmutableArray<RankLimits> ranks = [.. Enumerable.Range(0, _costs.Length).Select(rank => RankLimits.Median(limits.Select(measured => measured[rank])))];
        return new BenchmarkRow
        {
            Model = modelName,
            Split = split,
            Threads = [.. session.Plan.Workers.Select(worker => worker.Device.Threads)],
            Setup = setup,
            Test = test,
            TokensPerSecond = rate,
            FirstTokenSeconds = Spread.Of(samples.Select(sample => sample.FirstTokenSeconds)),
            WireBytesPerToken = Spread.Of(samples.Select(sample => sample.WireBytes)).Median,
            Steps = steps,
            Kernels = kernels,
            Limits = ranks,
            ReadBytesPerToken = costs.Sum(cost => cost.ReadBytes) / costs[0].Tokens,
            MultiplyAddsPerToken = costs.Sum(cost => cost.MultiplyAdds) / costs[0].Tokens,
            Read = Share(cost => cost.ReadBytes, rank => rank.ReadBytesPerSecond),
            MultiplyAdds = Share(cost => cost.MultiplyAdds, rank => rank.MultiplyAddsPerSecond),
        };

        LimitShare? Share(Func<TestCost, double> units, Func<RankLimits, double> limit) =>
            LimitShare.Of([.. costs.Select((cost, rank) => (_costs[rank].Stage, units(cost), limit(ranks[rank])))], seconds);
    }

    private static StepBreakdown StepsOf(BenchmarkTest test, EngineStatistics statistics) => test.Prompt > 1 ? statistics.Prefill : statistics.Decode;

    /// <summary>Submits the test's sequences so that one step takes all of them in, and reads their tokens as clients do.</summary>
    private async Task<BenchmarkSample> MeasureAsync(BenchmarkTest test, CancellationToken cancellationToken)
    {
        var submitted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = session.Engine.RunBetweenStepsAsync(_ => new ValueTask(submitted.Task));
        TokenStream[] streams;
        try
        {
            streams = [.. Enumerable.Range(0, test.Batch).Select(sequence => session.Engine.Submit(Request(test, sequence)))];
        }
        finally
        {
            submitted.SetResult();
        }

        try
        {
            await held.ConfigureAwait(false);
            await Task.WhenAll(streams.Select(stream => ReadAsync(stream, cancellationToken))).ConfigureAwait(false);
            return Sample(test, [.. streams.Select(stream => stream.Summary!)]);
        }
        finally
        {
            foreach (var stream in streams) stream.Dispose();
        }
    }

    private GenerationRequest Request(BenchmarkTest test, int sequence) => new()
    {
        // Tokens after the filled cache that no repetition had: nothing more of it is to be found in the cache.
        Prompt = (int[])[.. test.Depth > 0 ? _prefixes[sequence].AsSpan(0, test.Depth) : [], .. RandomTokens(test.PromptTokens)],
        MaxTokens = test.GeneratedTokens,
        Sampling = s_greedy,
        IgnoreEndOfText = true,
    };

    private static async Task ReadAsync(TokenStream stream, CancellationToken cancellationToken)
    {
        await foreach (var _ in stream.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            // Only how it went is of interest.
        }
    }

    private static BenchmarkSample Sample(BenchmarkTest test, GenerationSummary[] summaries)
    {
        foreach (var summary in summaries)
        {
            if (summary.Reason == FinishReason.Error) throw new EngineException(summary.Error!);
            if (summary.CachedTokens != test.Depth)
                throw new ClusterException($"{summary.CachedTokens} tokens were found in the KV cache where {test.Depth} were put");
        }

        var firstToken = summaries.Max(summary => summary.TimeToFirstToken).TotalSeconds;
        var seconds = test.IsPrefill ? firstToken : summaries.Max(summary => summary.Decode).TotalSeconds;
        var tokens = (double)(test.Prompt + test.Generate) * test.Batch;
        var wireBytes = summaries.Sum(summary => test.IsPrefill ? summary.PrefillWireBytes : summary.DecodeWireBytes);
        return new BenchmarkSample(tokens / seconds, firstToken, wireBytes / tokens);
    }

    private int[] RandomTokens(int count)
    {
        var tokens = new int[count];
        for (var i = 0; i < count; i++) tokens[i] = _random.Next(model.Config.VocabularySize);
        return tokens;
    }
}
