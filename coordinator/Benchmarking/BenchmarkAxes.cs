using System.Collections.Immutable;
using Cluster.Model.KvCache;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Benchmarking;

/// <summary>The lists whose product is measured. None is empty.</summary>
internal sealed record BenchmarkAxes
{
    /// <summary>Prompt lengths; those of 0 are left out.</summary>
    public required ImmutableArray<int> Prompts { get; init; }

    /// <summary>Tokens generated; those of 0 are left out.</summary>
    public required ImmutableArray<int> Generates { get; init; }

    public required ImmutableArray<int> Depths { get; init; }

    public required ImmutableArray<int> Batches { get; init; }

    public required ImmutableArray<SplitSize> Splits { get; init; }

    public required ImmutableArray<int?> Threads { get; init; }

    public required ImmutableArray<KvCacheFormat> CacheFormats { get; init; }

    public required ImmutableArray<WireFormat> Wires { get; init; }

    public required ImmutableArray<ChannelKind> Channels { get; init; }

    public ImmutableArray<WorkerSetup> WorkerSetups =>
        [.. from split in Splits from threads in Threads select new WorkerSetup(split, threads)];

    public ImmutableArray<BenchmarkTest> Tests =>
    [
        .. from depth in Depths
           from batch in Batches
           from test in Prompts.Select(prompt => new BenchmarkTest(prompt, 0, depth, batch))
               .Concat(Generates.Select(generate => new BenchmarkTest(0, generate, depth, batch)))
           where test.Prompt + test.Generate > 0
           select test,
    ];

    /// <summary>What a model is loaded with on so many workers, one after the other; one worker sends no activations.</summary>
    public ImmutableArray<SessionSetup> SessionSetups(int workers) =>
    [
        .. from format in CacheFormats
           from wire in workers > 1 ? Wires : Wires[..1]
           from channel in workers > 1 ? Channels : Channels[..1]
           select new SessionSetup(format, wire, channel),
    ];
}
