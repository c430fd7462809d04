using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Tests.Fakes;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Coordinator.Tests.Planning;

public sealed class ClusterPlannerTests
{
    [Fact]
    public void Ranks_go_to_workers_by_name_whoever_joined_first()
    {
        string[] names = ["w10", "w2", "w1", "w3"];
        foreach (var seed in new[] { 1, 2, 3 })
        {
            new Random(seed).Shuffle(names);
            var plan = Plan(names, 2, 2).Plan!;

            Assert.Equal(["w1", "w2", "w3", "w10"], plan.Workers.Select(worker => worker.Name));
            Assert.Equal(4, plan.Sizes.Length);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 1)]
    [InlineData(1, 8)]
    public void Shards_together_are_the_model(int tensorParallel, int pipeline)
    {
        var whole = Plan(["a"], 1, 1).Plan!;
        var plan = Plan([.. Enumerable.Range(0, tensorParallel * pipeline).Select(i => $"w{i}")], tensorParallel, pipeline).Plan!;

        Assert.Equal(whole.KvBytesPerToken, plan.KvBytesPerToken);
        Assert.Equal(whole.BlockCount, plan.BlockCount);
        Assert.Equal(2048, plan.ContextLength);
        Assert.InRange(plan.Sizes.Sum(size => size.WeightBytes), whole.Sizes[0].WeightBytes, whole.Sizes[0].WeightBytes * 1.2);
    }

    [Fact]
    public void All_refusals_are_told_at_once()
    {
        var result = ClusterPlanner.Plan(
            Snapshot(["a", "b"]), SampleFacts.Instance,
            new PlanOptions { TensorParallel = 9, Pipeline = 9, ContextLength = 4096 }, version: 1);

        Assert.False(result.IsPlanned);
        Assert.Equal(
            [PlanRefusalReason.Split, PlanRefusalReason.Split, PlanRefusalReason.Workers, PlanRefusalReason.Context],
            result.Refusals.Select(refusal => refusal.Reason));
        Assert.All(result.Refusals, refusal => Assert.DoesNotContain('\n', refusal.Message));
        Assert.Contains("needs 81 workers, there are 2", result.Refusals[2].Message, StringComparison.Ordinal);
        Assert.Contains("4096", result.Refusals[3].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cache_format_must_divide_the_head_dimension()
    {
        var facts = SampleFacts.Instance with { Config = SampleFacts.Instance.Config with { HeadDim = 8, HeadCount = 64, KvHeadCount = 32 } };

        var result = ClusterPlanner.Plan(Snapshot(["a"]), facts, new PlanOptions { TensorParallel = 1, Pipeline = 1, CacheFormat = new KvCacheFormat { ValueType = TensorType.F16 } }, 1);

        Assert.Equal(PlanRefusalReason.CacheFormat, Assert.Single(result.Refusals).Reason);
        Assert.Contains("Q8_0", result.Refusals[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Workers_on_one_host_share_its_memory()
    {
        var alone = Plan(["a"], 1, 1).Plan!.Sizes[0];
        var enoughForOne = (ulong)(alone.WeightBytes * 6 / 10 + (250L << 20));

        var apart = Plan(["a", "b"], 2, 1, memory: enoughForOne, host: name => name);
        var together = Plan(["a", "b"], 2, 1, memory: enoughForOne, host: _ => "same");

        Assert.True(apart.IsPlanned);
        Assert.Contains("2 ranks", Assert.Single(together.Refusals).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_say_what_the_plan_says()
    {
        var plan = Plan(["a", "b", "c", "d"], 2, 2).Plan!;

        var request = PlanMessages.LoadRequest(plan, 3, new Protos.V1.ModelReference { Path = "x" });

        Assert.Equal((3, 2, 2, 1UL), (request.Rank, request.Plan.TensorParallelSize, request.Plan.PipelineSize, request.Plan.Version));
        var format = Assert.Single(request.KvCache.Formats);
        Assert.Equal(("q8_0", "iq4_nl", 32, plan.BlockCount), (format.KeyType, format.ValueType, request.KvCache.BlockTokens, request.KvCache.BlockCount));
        Assert.Equal(plan.Workers.Select(worker => worker.Address), request.Plan.Addresses);
        var last = request.Plan.Shards[3];
        Assert.Equal((4, 8, 2, 4, 4, 8), (last.Layers.Start, last.Layers.End, last.KvHeads.Start, last.KvHeads.End, last.QueryHeads.Start, last.QueryHeads.End));
        Assert.Equal(8192, last.Vocabulary.End);
    }

    [Fact]
    public void Compared_caches_are_made_and_counted()
    {
        var half = new KvCacheFormat { KeyType = TensorType.F16, ValueType = TensorType.F16 };
        var options = new PlanOptions { TensorParallel = 1, Pipeline = 1 };
        var compared = options with { ComparedFormats = [half, new() { Rotation = false }] };
        var memory = 420UL << 20;

        var one = ClusterPlanner.Plan(Snapshot(["a"], memory), SampleFacts.Instance, options with { CacheTokens = 1 << 20 }, 1).Plan!;
        var three = ClusterPlanner.Plan(Snapshot(["a"], memory), SampleFacts.Instance, compared with { CacheTokens = 1 << 20 }, 1).Plan!;
        var request = PlanMessages.LoadRequest(three, 0, new Protos.V1.ModelReference { Path = "x" });

        Assert.Equal(["q8_0 True", "f16 True", "q8_0 False"], request.KvCache.Formats.Select(format => $"{format.KeyType} {format.Rotation}"));

        // q8_0/q4_0 takes 0.406 of f16, twice that and f16 itself 1.81.
        Assert.InRange((double)one.BlockCount / three.BlockCount, 1.81 / 0.41, 2.5 * 1.81 / 0.4);
    }

    private static PlanResult Plan(
        string[] names, int tensorParallel, int pipeline, ulong memory = 1UL << 40, int? context = null, Func<string, string>? host = null) =>
        ClusterPlanner.Plan(
            Snapshot(names, memory, host), SampleFacts.Instance,
            new PlanOptions { TensorParallel = tensorParallel, Pipeline = pipeline, ContextLength = context }, version: 1);

    private static MembershipSnapshot Snapshot(string[] names, ulong memory = 1UL << 40, Func<string, string>? host = null) => new(1,
    [
        .. names.Select((name, i) => new Member
        {
            Name = name, Address = $"{host?.Invoke(name) ?? name}:{7000 + i}", Version = "", ProcessId = i, JoinedAt = default,
            Device = new MemberDevice("cpu", "", "", 1, memory),
        }),
    ]);
}
