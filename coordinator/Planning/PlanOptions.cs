using System.Collections.Immutable;
using Cluster.Coordinator.Planning.Costs;
using Cluster.Coordinator.Planning.Search;
using Cluster.Model.KvCache;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Planning;

/// <summary>How a model is to be spread.</summary>
internal sealed record PlanOptions
{
    /// <summary>Ranks that share each layer.</summary>
    public required int TensorParallel { get; init; }

    /// <summary>Pipeline stages.</summary>
    public required int Pipeline { get; init; }

    /// <summary>
    /// Whether the planner chooses the split, where workers have measured what they do; else, or when they have not, it is
    /// <see cref="TensorParallel"/> × <see cref="Pipeline"/>.
    /// </summary>
    public bool ChoosesSplit { get; init; }

    /// <summary>What the planner's choice is to be best at.</summary>
    public PlanObjective Objective { get; init; } = PlanObjective.Latency;

    /// <summary>What is known of the network, for the planner's choice.</summary>
    public LinkTable Links { get; init; } = new(Link.Gigabit);

    /// <summary>How much of the work each rank takes, by rank; only proportions matter. Empty: all the same.</summary>
    public ImmutableArray<double> Shares { get; init; } = [];

    public KvCacheFormat CacheFormat { get; init; } = new();

    /// <summary>Further formats, each with a cache of its own over the same blocks, to be compared with the first.</summary>
    public ImmutableArray<KvCacheFormat> ComparedFormats { get; init; } = [];

    /// <summary>The formats of all caches, in their order.</summary>
    public IEnumerable<KvCacheFormat> CacheFormats => ComparedFormats.Prepend(CacheFormat);

    public WireFormat Wire { get; init; } = WireFormat.F32;

    /// <summary>What carries activations between ranks.</summary>
    public ChannelKind Channel { get; init; } = ChannelKind.Automatic;

    /// <summary>Tokens of one sequence at most; null for what the model was trained for, or less if memory is short.</summary>
    public int? ContextLength { get; init; }

    /// <summary>Tokens that the KV cache is to hold for all sequences together, if memory allows; at least one context.</summary>
    public long CacheTokens { get; init; }

    /// <summary>Bytes that the KV cache may take on each device at most; null for what is free.</summary>
    public long? KvMemoryBytes { get; init; }

    /// <summary>Tokens of a cache block.</summary>
    public int BlockTokens { get; init; } = 32;

    /// <summary>The largest step, in tokens.</summary>
    public int MaxStepTokens { get; init; } = 512;
}
