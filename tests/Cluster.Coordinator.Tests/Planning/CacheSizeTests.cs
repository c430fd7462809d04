using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Tests.Fakes;
using Cluster.Model.KvCache;

namespace Cluster.Coordinator.Tests.Planning;

public sealed class CacheSizeTests
{
    private const long Plenty = 1L << 40;

    [Fact]
    public void Short_memory_shrinks_a_context_that_nobody_asked_for()
    {
        var plan = Fit(RoomFor(1000, "q8_0/q4_0")).Plan!;

        Assert.Equal((992, 31), (plan.ContextLength, plan.BlockCount));
    }

    [Theory]
    [InlineData("q8_0/q4_0", "f16/f16", 2040, null)]
    [InlineData("q8_0/q4_0", "q8_0/q4_0", 2048, null)]
    [InlineData("q8_0/q4_0", "q4_0/q4_0", 2048, "q4_0/q4_0 fits")]
    [InlineData("q8_0/q4_0", "q5_1/q5_0", 2048, "q5_1/q5_0 fits")]
    [InlineData("f16/f16", "q8_0/q8_0", 2048, "q8_0/q8_0 fits")]
    [InlineData("f32/f32", "q4_0/q4_0", 2048, "q4_0/q4_0 fits")]
    [InlineData("q4_0/q4_0", "q4_0/q4_0", 1000, "no cache type fits, a context of 992 does")]
    [InlineData("f16/f16", "q4_0/q4_0", 1500, "no cache type fits, a context of 384 does")]
    [InlineData("q4_0/q4_0", "q4_0/q4_0", 3, "no cache type and no context fits")]
    public void Context_that_was_asked_for_is_refused_with_what_would_fit(string format, string roomFormat, int roomTokens, string? proposal)
    {
        var result = Fit(RoomFor(roomTokens, roomFormat), format, context: 2048);

        Assert.Equal(proposal is null, result.IsPlanned);
        if (proposal is null) return;
        var refusal = Assert.Single(result.Refusals);
        Assert.Equal(PlanRefusalReason.Memory, refusal.Reason);
        Assert.EndsWith($"; {proposal}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refusal_shows_the_arithmetic_in_one_line()
    {
        // 8 layers × 4 heads × 64 keys and values × 2 bytes × 2,048 tokens = 16 MiB.
        var refusal = Assert.Single(Fit(RoomFor(1024, "f16/f16"), "f16/f16", context: 2048).Refusals).Message;

        Assert.StartsWith("device 'cpu' of worker 'a' at a:7000: a context of 2048 needs 16.0 MiB of KV in f16/f16, 8.0 MiB free (", refusal, StringComparison.Ordinal);
        Assert.Contains(" MiB for weights and work and a margin of 64.0 MiB); q8_0/", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal);
    }

    [Fact]
    public void Proposal_fits_on_every_device()
    {
        var small = RoomFor(2048, "q4_0/q4_0");
        var result = Fit(small, "f16/f16", 2048, tensorParallel: 2, host: i => i == 0 ? "large" : "small", memory: i => i == 0 ? Plenty : small / 4);

        Assert.Contains("worker 'b'", Assert.Single(result.Refusals).Message, StringComparison.Ordinal);
        Assert.EndsWith("no cache type and no context fits", result.Refusals[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cache_memory_is_capped_for_each_device()
    {
        var plan = Fit(Plenty, cacheTokens: 1 << 20, kvMemory: 32 << 20).Plan!;
        var free = Fit(Plenty, cacheTokens: 1 << 20).Plan!;
        var refused = Fit(Plenty, "f16/f16", context: 2048, kvMemory: 8 << 20);

        Assert.Equal((32 << 20) / plan.KvBytesPerToken / 32, plan.BlockCount);
        Assert.Equal((1 << 20) / 32, free.BlockCount);
        Assert.Contains("--kv-memory 8.0 MiB", Assert.Single(refused.Refusals).Message, StringComparison.Ordinal);
        Assert.EndsWith("q8_0/q5_1 fits", refused.Refusals[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pool_takes_what_is_free_and_leaves_a_margin()
    {
        const long Memory = 8L << 30;
        var plan = Fit(Memory, cacheTokens: 1L << 40).Plan!;

        var cache = plan.BlockCount * 32L * plan.KvBytesPerToken;
        Assert.InRange(cache, Memory * 80 / 100, Memory * 15 / 16 - plan.Sizes[0].WeightBytes);
    }

    [Fact]
    public void Least_of_what_workers_on_one_device_saw_counts()
    {
        var small = RoomFor(2048, "q8_0/q4_0");

        var result = Fit(0, context: 2048, tensorParallel: 2, host: _ => "one", memory: i => i == 0 ? Plenty : small);

        Assert.Contains("for 2 ranks", Assert.Single(result.Refusals).Message, StringComparison.Ordinal);
    }

    /// <summary>Memory of a device that has room for exactly so many tokens in whole blocks, beside one rank of the sample model.</summary>
    private static long RoomFor(int tokens, string format)
    {
        var shards = Fit(Plenty).Plan!;
        var need = new MemoryNeed(shards.Workers[0], SampleFacts.Instance.Config);
        var options = new PlanOptions { TensorParallel = 1, Pipeline = 1 };
        need.Add(shards.Workers[0], shards.Shards.Shards[0], shards.Sizes[0], options);
        return need.FixedBytes + (64L << 20) + tokens / 32 * 32 * need.KvBytesPerToken(Format(format), options);
    }

    private static KvCacheFormat Format(string format) => new()
    {
        KeyType = KvCacheFormat.Types.First(type => KvCacheFormat.NameOf(type) == format.Split('/')[0]),
        ValueType = KvCacheFormat.Types.First(type => KvCacheFormat.NameOf(type) == format.Split('/')[1]),
    };

    private static PlanResult Fit(
        long room, string format = "q8_0/q4_0", int? context = null, long cacheTokens = 0, long? kvMemory = null, int tensorParallel = 1,
        Func<int, string>? host = null, Func<int, long>? memory = null)
    {
        var members = Enumerable.Range(0, tensorParallel).Select(i => new Member
        {
            Name = "ab"[i].ToString(),
            Address = $"{host?.Invoke(i) ?? "ab"[i].ToString()}:{7000 + i}",
            Version = "",
            ProcessId = i,
            JoinedAt = default,
            Device = new MemberDevice("cpu", "", "", 1, (ulong)(memory?.Invoke(i) ?? room)),
        });
        var options = new PlanOptions
        {
            TensorParallel = tensorParallel,
            Pipeline = 1,
            ContextLength = context,
            CacheTokens = cacheTokens,
            KvMemoryBytes = kvMemory,
            CacheFormat = Format(format),
        };
        return ClusterPlanner.Plan(new MembershipSnapshot(1, [.. members]), SampleFacts.Instance, options, version: 1);
    }
}
