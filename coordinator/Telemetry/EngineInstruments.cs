using System.Diagnostics.Metrics;
using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Engine.Statistics;
using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Telemetry;

/// <summary>What the engine counts by itself. With new ranks most of it counts from zero.</summary>
internal static class EngineInstruments
{
    public static void AddTo(Meter meter, Func<InferenceEngine?> engine)
    {
        meter.CreateObservableUpDownCounter("cluster.sequences.running", () => engine()?.RunningCount ?? 0, "{sequence}", "Sequences that take part in steps.");
        meter.CreateObservableUpDownCounter("cluster.sequences.waiting", () => engine()?.WaitingCount ?? 0, "{sequence}", "Sequences that wait for room.");
        meter.CreateObservableCounter(
            "cluster.sequences.preemptions", () => Ask(engine, static e => One(e.PreemptionCount)), "{sequence}",
            "Sequences that lost their blocks of the KV cache to others and were prefilled again.");
        AddCache(meter, engine);
        AddSteps(meter, engine);
    }

    private static void AddCache(Meter meter, Func<InferenceEngine?> engine)
    {
        meter.CreateObservableUpDownCounter(
            "cluster.kv_cache.blocks", () => Blocks(engine()?.Cache), "{block}",
            "Blocks of the KV cache: used by sequences, cached for prefixes that come again, or free.");
        Count("cluster.prefix_cache.lookups", "{lookup}", "Sequences that were looked up in the prefix cache.", static cache => cache.Lookups);
        Count("cluster.prefix_cache.lookup_tokens", "{token}", "Tokens that could have been in the prefix cache.", static cache => cache.LookupTokens);
        Count("cluster.prefix_cache.hit_tokens", "{token}", "Tokens that were.", static cache => cache.HitTokens);
        Count("cluster.prefix_cache.evictions", "{block}", "Cached blocks that were taken for other tokens.", static cache => cache.Evictions);

        void Count(string name, string unit, string description, Func<CacheSnapshot, long> value) =>
            meter.CreateObservableCounter(name, () => Ask(engine, e => One(value(e.Cache))), unit, description);
    }

    private static void AddSteps(Meter meter, Func<InferenceEngine?> engine)
    {
        Count("cluster.steps", "{step}", "Steps: of prefill where they took in several tokens of a sequence, else of decoding.", static steps => steps.Steps);
        Count("cluster.step.tokens", "{token}", "Tokens that steps took in.", static steps => steps.Tokens);
        Count("cluster.step.wire", "By", "Bytes sent between the processes of the cluster.", static steps => steps.WireBytes);
        meter.CreateObservableCounter(
            "cluster.step.time", () => Ask(engine, static e => Kinds(e.Statistics).SelectMany(Parts)), "s",
            "Time of steps as the coordinator saw it: the slowest rank's, of streams beyond it, of sampling and of scheduling.");
        meter.CreateObservableCounter(
            "cluster.rank.time", () => Ask(engine, static e => Kinds(e.Statistics).SelectMany(RankParts)), "s", "Time of steps on each rank, by what it did.");

        void Count(string name, string unit, string description, Func<StepBreakdown, long> value) =>
            meter.CreateObservableCounter(
                name, () => Ask(engine, e => Kinds(e.Statistics).Select(kind => new Measurement<long>(value(kind.Steps), new KeyValuePair<string, object?>("kind", kind.Name)))), unit, description);
    }

    private static IEnumerable<Measurement<T>> Ask<T>(Func<InferenceEngine?> engine, Func<InferenceEngine, IEnumerable<Measurement<T>>> measure)
        where T : struct => engine() is { } present ? measure(present) : [];

    private static Measurement<long>[] One(long value) => [new(value)];

    private static Measurement<long>[] Blocks(CacheSnapshot? cache) =>
    [
        new(cache?.UsedBlocks ?? 0, new KeyValuePair<string, object?>("state", "used")),
        new(cache?.CachedBlocks ?? 0, new KeyValuePair<string, object?>("state", "cached")),
        new(cache?.FreeBlocks ?? 0, new KeyValuePair<string, object?>("state", "free")),
    ];

    private static (string Name, StepBreakdown Steps)[] Kinds(EngineStatistics statistics) => [("prefill", statistics.Prefill), ("decode", statistics.Decode)];

    private static Measurement<double>[] Parts((string Name, StepBreakdown Steps) kind)
    {
        return [Part("slowest_rank", kind.Steps.Slowest), Part("streams", kind.Steps.Stream), Part("sampling", kind.Steps.Sampling), Part("scheduling", kind.Steps.Scheduling)];

        Measurement<double> Part(string part, TimeSpan time) => new(Seconds(time), new("kind", kind.Name), new("part", part));
    }

    private static IEnumerable<Measurement<double>> RankParts((string Name, StepBreakdown Steps) kind)
    {
        return kind.Steps.Ranks.SelectMany(Parts);

        IEnumerable<Measurement<double>> Parts(RankTimes times, int rank) =>
        [
            Part(rank, "attention", times.Attention), Part(rank, "column_products", times.ColumnProducts), Part(rank, "row_products", times.RowProducts),
            Part(rank, "head", times.Head), Part(rank, "wire", times.Wire), Part(rank, "wait", times.Wait), Part(rank, "other", times.Other),
        ];

        Measurement<double> Part(int rank, string part, TimeSpan time) => new(Seconds(time), new("kind", kind.Name), new("rank", rank), new("part", part));
    }

    /// <summary>Differences of clocks can be a little less than nothing; a counter must not be.</summary>
    private static double Seconds(TimeSpan time) => Math.Max(0, time.TotalSeconds);
}
