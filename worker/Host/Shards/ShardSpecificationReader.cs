using System.Security.Cryptography;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;
using Cluster.Model.Sharding;
using Cluster.Protos.V1;
using Cluster.Worker.Collectives.Wire;
using Cluster.Worker.CommandLine;
using ProtoRange = Cluster.Protos.V1.Range;
using ProtoShard = Cluster.Protos.V1.Shard;
using Shard = Cluster.Model.Sharding.Shard;

namespace Cluster.Worker.Shards;

/// <summary>Checks what a coordinator asks a worker to load, before anything is touched for it.</summary>
internal static class ShardSpecificationReader
{
    /// <summary>Ranks of a plan; far above what makes sense, and small enough that no sum of it overflows.</summary>
    private const int MaxRanks = 4096;

    /// <summary>More than all pairs of types, rotated and not.</summary>
    private const int MaxCaches = 256;

    /// <exception cref="ShardLoadException">Something is missing or contradicts itself.</exception>
    public static ShardSpecification Read(LoadShardRequest request)
    {
        var plan = request.Plan ?? throw Invalid("the request has no plan");
        var model = request.Model ?? throw Invalid("the request has no model");
        var cache = request.KvCache ?? throw Invalid("the request has no KV cache options");
        Require(plan.Version > 0, "the plan has no version");
        Require(plan.TensorParallelSize is >= 1 and <= MaxRanks, $"the tensor-parallel size is {plan.TensorParallelSize}");
        Require(plan.PipelineSize is >= 1 and <= MaxRanks, $"the pipeline size is {plan.PipelineSize}");
        var ranks = (long)plan.TensorParallelSize * plan.PipelineSize;
        Require(
            plan.Shards.Count == ranks && plan.Addresses.Count == ranks && plan.Workers.Count == ranks,
            $"{plan.PipelineSize} stages of {plan.TensorParallelSize} ranks need {ranks} shards, addresses and workers, the plan has {plan.Shards.Count}, {plan.Addresses.Count} and {plan.Workers.Count}");
        Require((uint)request.Rank < ranks, $"rank {request.Rank} is not in a plan of {ranks}");
        foreach (var address in plan.Addresses) Require(HostPort.TryParse(address, out _), $"'{address}' is not HOST:PORT");
        Require(cache.BlockTokens > 0 && cache.BlockCount > 0, $"a KV cache of {cache.BlockCount} blocks of {cache.BlockTokens} tokens");
        Require(cache.Formats.Count is >= 1 and <= MaxCaches, $"{cache.Formats.Count} KV cache formats, from 1 to {MaxCaches} can be");
        Require(request.MaxStepTokens > 0, $"steps of at most {request.MaxStepTokens} tokens");
        Require(model.Path.Length > 0, "the model has no path");
        Require(model.HeaderSha256.Length == SHA256.HashSizeInBytes, $"the model's header hash has {model.HeaderSha256.Length} bytes");

        return new ShardSpecification
        {
            PlanVersion = plan.Version,
            TensorParallelSize = plan.TensorParallelSize,
            PipelineSize = plan.PipelineSize,
            Addresses = [.. plan.Addresses],
            Workers = [.. plan.Workers],
            Shard = ReadShard(plan.Shards[request.Rank], request.Rank, plan),
            ModelPath = model.Path,
            ModelLength = checked((long)Math.Min(model.Length, long.MaxValue)),
            HeaderSha256 = model.HeaderSha256.Memory,
            CacheFormats = [.. cache.Formats.Select(ReadFormat)],
            BlockTokens = cache.BlockTokens,
            BlockCount = cache.BlockCount,
            Wire = WireFormats.Find(request.Wire) ?? throw Invalid($"wire format {(int)request.Wire} is not known here"),
            Channel = Enum.IsDefined(request.Channel) ? request.Channel : throw Invalid($"channel {(int)request.Channel} is not known here"),
            MaxStepTokens = request.MaxStepTokens,
        };
    }

    private static Shard ReadShard(ProtoShard shard, int rank, Plan plan)
    {
        var (stage, tensorRank) = Math.DivRem(rank, plan.TensorParallelSize);
        Require(
            shard.Rank == rank && shard.Stage == stage && shard.TensorRank == tensorRank,
            $"shard {rank} says that it is rank {shard.Rank}, stage {shard.Stage}, tensor rank {shard.TensorRank}");
        return new Shard
        {
            Rank = rank,
            Stage = stage,
            TensorRank = tensorRank,
            Layers = ReadRange(shard.Layers, "layers"),
            KvHeads = ReadRange(shard.KvHeads, "KV heads"),
            QueryHeads = ReadRange(shard.QueryHeads, "query heads"),
            FeedForward = ReadRange(shard.FeedForward, "feed-forward columns"),
            Vocabulary = ReadRange(shard.Vocabulary, "vocabulary"),
            IsFirstStage = stage == 0,
            IsLastStage = stage == plan.PipelineSize - 1,
        };
    }

    private static IndexRange ReadRange(ProtoRange? range, string what)
    {
        var (start, end) = (range?.Start ?? 0, range?.End ?? 0);
        Require(start >= 0 && end >= start, $"the {what} of the shard are [{start}, {end})");
        return new IndexRange(start, end);
    }

    private static KvCacheFormat ReadFormat(CacheFormat format)
    {
        Require(format.EdgeLayers >= 0, $"the KV cache has {format.EdgeLayers} edge layers");
        return new KvCacheFormat
        {
            KeyType = ReadType(format.KeyType),
            ValueType = ReadType(format.ValueType),
            Rotation = format.Rotation,
            EdgeLayers = format.EdgeLayers,
        };
    }

    private static TensorType ReadType(string name) =>
        TensorTraits.TryParse(name, out var type) && KvCacheFormat.Types.Contains(type) ? type : throw Invalid($"KV cache type '{name}' is not known here");

    private static void Require(bool condition, string problem)
    {
        if (!condition) throw Invalid(problem);
    }

    private static ShardLoadException Invalid(string problem) => new(ShardLoadFailure.InvalidRequest, problem);
}
