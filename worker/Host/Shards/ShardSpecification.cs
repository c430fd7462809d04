using System.Collections.Immutable;
using Cluster.Model.KvCache;
using Cluster.Model.Sharding;
using Cluster.Worker.Collectives.Wire;
using ChannelKind = Cluster.Protos.V1.ChannelKind;

namespace Cluster.Worker.Shards;

/// <summary>A shard that a coordinator asked for, checked against itself but not yet against its model file.</summary>
internal sealed record ShardSpecification
{
    public required ulong PlanVersion { get; init; }

    public required int TensorParallelSize { get; init; }

    public required int PipelineSize { get; init; }

    /// <summary>Where each rank's worker listens, in rank order.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>What each rank's worker is called, in rank order.</summary>
    public required IReadOnlyList<string> Workers { get; init; }

    public required Shard Shard { get; init; }

    /// <summary>Where the coordinator has the model.</summary>
    public required string ModelPath { get; init; }

    public required long ModelLength { get; init; }

    public required ReadOnlyMemory<byte> HeaderSha256 { get; init; }

    /// <summary>One cache for each.</summary>
    public required ImmutableArray<KvCacheFormat> CacheFormats { get; init; }

    public required int BlockTokens { get; init; }

    public required int BlockCount { get; init; }

    public required IWireFormat Wire { get; init; }

    /// <summary>What carries frames between ranks.</summary>
    public required ChannelKind Channel { get; init; }

    public required int MaxStepTokens { get; init; }

    public ShardIdentity Identity => new(PlanVersion, Shard.Stage, Shard.Rank);
}
