using Cluster.Coordinator.Membership;
using Cluster.Model.Architecture;
using Cluster.Model.Sharding;

namespace Cluster.Coordinator.Planning;

/// <summary>What the ranks on one device need of its memory.</summary>
internal sealed class MemoryNeed(Member member)
{
    /// <summary>The runtime, code and buffers of a worker process beside its shard.</summary>
    private const long ProcessBytes = 150L << 20;

    /// <summary>The first worker on the device, which names it.</summary>
    public Member Member { get; } = member;

    public int RankCount { get; private set; }

    /// <summary>All but the cache, in bytes.</summary>
    public long FixedBytes { get; private set; }

    public long KvBytesPerToken { get; private set; }

    /// <summary>Bytes that the device offers; null when the worker did not say.</summary>
    public long? OfferedBytes => Member.Device.MemoryBytes is > 0 and <= long.MaxValue ? (long)Member.Device.MemoryBytes : null;

    /// <summary>
    /// What tells devices apart: workers on one host that compute with the same device share its memory.
    /// </summary>
    public static (string Host, string Device) Key(Member member) =>
        (member.Address[..member.Address.LastIndexOf(':')], member.Device.Id);

    public void Add(ModelConfig config, Shard shard, ShardSize size, PlanOptions options)
    {
        // Activations of the largest step: hidden states and their normalized copy, queries and attention output, gate and up.
        var widths = 4L * config.HiddenSize + 2L * shard.QueryHeads.Count * config.HeadDim + 2L * shard.FeedForward.Count;

        // Logits of the largest step, which other caches' are compared with.
        if (!options.ComparedFormats.IsEmpty) widths += shard.Vocabulary.Count;
        FixedBytes += size.WeightBytes + options.MaxStepTokens * widths * sizeof(float) + ProcessBytes;
        KvBytesPerToken += size.KvBytesPerToken + options.ComparedFormats.Sum(format => ShardSize.KvBytesOf(config, shard, format));
        RankCount++;
    }

    public long BytesFor(long cacheTokens) => FixedBytes + cacheTokens * KvBytesPerToken;
}
