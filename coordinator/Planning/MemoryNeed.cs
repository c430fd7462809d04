using Cluster.Coordinator.Membership;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;
using Cluster.Model.Sharding;

namespace Cluster.Coordinator.Planning;

/// <summary>What the ranks on one device need of its memory, and what that leaves for the cache.</summary>
internal sealed class MemoryNeed(Member member, ModelConfig config)
{
    /// <summary>The runtime, code and buffers of a worker process beside its shard.</summary>
    private const long ProcessBytes = 150L << 20;

    /// <summary>Left to the rest of the machine at least.</summary>
    private const long SmallestMargin = 64L << 20;

    /// <summary>Of what is free, so much is left: others on the machine grow too.</summary>
    private const int MarginDivisor = 16;

    private readonly List<Shard> _shards = [];

    /// <summary>The first worker on the device, which names it.</summary>
    public Member Member { get; } = member;

    public int RankCount => _shards.Count;

    /// <summary>All but the cache, in bytes.</summary>
    public long FixedBytes { get; private set; }

    /// <summary>Bytes that the device has free; null when no worker on it said.</summary>
    public long? FreeBytes { get; private set; }

    /// <summary>Bytes of what is free that the plan leaves.</summary>
    public long MarginBytes => Math.Max(SmallestMargin, (FreeBytes ?? 0) / MarginDivisor);

    /// <summary>
    /// What tells devices apart: workers on one host that compute with the same device share its memory.
    /// </summary>
    public static (string Host, string Device) Key(Member member) =>
        (member.Address[..member.Address.LastIndexOf(':')], member.Device.Id);

    public void Add(Member worker, Shard shard, ShardSize size, PlanOptions options)
    {
        // Activations of the largest step: hidden states, their normalized copy and two planes of sums, queries and attention output, gate and up.
        var widths = 5L * config.HiddenSize + 2L * shard.QueryHeads.Count * config.HeadDim + 2L * shard.FeedForward.Count;

        // Logits of the largest step, which other caches' are compared with.
        if (!options.ComparedFormats.IsEmpty) widths += shard.Vocabulary.Count;
        FixedBytes += size.WeightBytes + options.MaxStepTokens * widths * sizeof(float) + ProcessBytes;
        _shards.Add(shard);

        // Workers on one device may have looked at different moments.
        if (worker.Device.MemoryBytes is > 0 and <= long.MaxValue) FreeBytes = Math.Min(FreeBytes ?? long.MaxValue, (long)worker.Device.MemoryBytes);
    }

    /// <summary>Bytes that the cache may take on the device; null for as many as it wants.</summary>
    public long? CacheBytes(PlanOptions options)
    {
        var left = FreeBytes is { } free ? Math.Max(0, free - MarginBytes - FixedBytes) : (long?)null;
        return options.KvMemoryBytes is { } most ? Math.Min(left ?? long.MaxValue, most) : left;
    }

    /// <summary>Bytes of keys and values of one token, all ranks on the device together, with those of caches that are compared.</summary>
    public long KvBytesPerToken(KvCacheFormat format, PlanOptions options) => _shards.Sum(shard =>
        ShardSize.KvBytesOf(config, shard, format) + options.ComparedFormats.Sum(compared => ShardSize.KvBytesOf(config, shard, compared)));

    /// <summary>Tokens, in whole blocks, that the device can cache in a format; 0 in one that does not suit the model's heads.</summary>
    public long TokensIn(KvCacheFormat format, PlanOptions options)
    {
        if (config.HeadDim % TensorTraits.Get(format.KeyType).BlockSize != 0 || config.HeadDim % TensorTraits.Get(format.ValueType).BlockSize != 0) return 0;
        if (CacheBytes(options) is not { } bytes) return long.MaxValue;

        return bytes / Math.Max(1, KvBytesPerToken(format, options)) / options.BlockTokens * options.BlockTokens;
    }
}
