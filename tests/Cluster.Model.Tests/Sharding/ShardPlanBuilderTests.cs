using System.Collections.Immutable;
using Cluster.Model.Architecture;
using Cluster.Model.Sharding;

namespace Cluster.Model.Tests.Sharding;

public sealed class ShardPlanBuilderTests
{
    [Fact]
    public void ThreeRanksOfFourKvHeadsTakeTwoOneOne()
    {
        ShardPlan plan = Plan(TestModels.Shape(), 3, 1);

        Assert.Equal([new(0, 2), new(2, 3), new(3, 4)], Each(plan, shard => shard.KvHeads));
        Assert.Equal([new(0, 4), new(4, 6), new(6, 8)], Each(plan, shard => shard.QueryHeads));
        Assert.Equal([new(0, 512), new(512, 1024), new(1024, 1536)], Each(plan, shard => shard.FeedForward));
        Assert.Equal([new(0, 2752), new(2752, 5472), new(5472, 8192)], Each(plan, shard => shard.Vocabulary));
    }

    [Theory]
    [InlineData(8, 4, new double[] { 1, 1, 1, 1, 1 }, "2 2 2 1+1")]
    [InlineData(8, 4, new double[] { 1, 1, 1, 1, 1, 1, 1 }, "2 1+1 1+1 1+1")]
    [InlineData(16, 4, new double[] { 1, 1, 1, 1, 1, 1 }, "4 4 2+2 2+2")]
    [InlineData(8, 2, new double[] { 3, 1, 1 }, "4 2+2")]
    [InlineData(8, 2, new double[] { 1, 1, 1, 9 }, "2+1+1 4")]
    [InlineData(16, 4, new double[] { 8, 1, 1, 1, 1 }, "12 1+1+1+1")]
    [InlineData(6, 1, new double[] { 2, 1 }, "4+2")]
    public void MoreRanksThanKvHeadsShareTheirGroups(int heads, int kvHeads, double[] shares, string expected)
    {
        ShardPlan plan = Plan(TestModels.Shape(heads: heads, kvHeads: kvHeads), shares.Length, 1, shares);

        IEnumerable<string> groups = plan.Shards.GroupBy(shard => shard.KvHeads).Select(ranks => string.Join('+', ranks.Select(shard => shard.QueryHeads.Count)));
        Assert.Equal(expected, string.Join(' ', groups));
    }

    [Fact]
    public void RanksAreNumberedStageByStage()
    {
        ShardPlan plan = Plan(TestModels.Shape(layers: 5), 2, 3, version: 7);

        Assert.Equal(7, plan.Version);
        Assert.Equal(6, plan.WorldSize);
        Assert.Equal([0, 1, 2, 3, 4, 5], Each(plan, shard => shard.Rank));
        Assert.Equal([0, 0, 1, 1, 2, 2], Each(plan, shard => shard.Stage));
        Assert.Equal([0, 1, 0, 1, 0, 1], Each(plan, shard => shard.TensorRank));
        Assert.Equal([new(0, 2), new(0, 2), new(2, 4), new(2, 4), new(4, 5), new(4, 5)], Each(plan, shard => shard.Layers));
        Assert.Equal([true, true, false, false, false, false], Each(plan, shard => shard.IsFirstStage));
        Assert.Equal([false, false, false, false, true, true], Each(plan, shard => shard.IsLastStage));
        Assert.Equal([0, 0, 0, 0, 4096, 4096], Each(plan, shard => shard.Vocabulary.Count));
        Assert.Equal([4, 5], plan.Stage(2).ToArray().Select(shard => shard.Rank));
    }

    [Fact]
    public void SharesDecideHowMuchEachRankTakes()
    {
        ShardPlan plan = Plan(TestModels.Shape(kvHeads: 8), 2, 2, shares: [3, 1, 2, 2]);

        Assert.Equal([6, 2, 4, 4], Each(plan, shard => shard.KvHeads.Count));
        Assert.Equal([1280, 256, 768, 768], Each(plan, shard => shard.FeedForward.Count)); // 6 units of 256: 4.5 to 1.5 rounds to 5 and 1
        Assert.Equal([4, 4, 4, 4], Each(plan, shard => shard.Layers.Count));
    }

    [Fact]
    public void AStageTakesLayersByTheSumOfItsRanksShares()
    {
        ShardPlan plan = Plan(TestModels.Shape(layers: 12), 2, 2, shares: [1, 1, 1, 3]);

        Assert.Equal([4, 4, 8, 8], Each(plan, shard => shard.Layers.Count));
    }

    [Fact]
    public void EvenASmallShareGetsOneOfEverything()
    {
        ShardPlan plan = Plan(TestModels.Shape(), 4, 2, shares: [1000, 1, 1, 1, 1e-9, 1e-9, 1e-9, 1e-9]);

        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 1], Each(plan, shard => shard.KvHeads.Count));
        Assert.Equal([7, 1], [plan.Shards[0].Layers.Count, plan.Shards[4].Layers.Count]);
        Assert.Equal([768, 256, 256, 256], Each(plan, shard => shard.FeedForward.Count)[..4]);
    }

    [Theory]
    [InlineData(5632, 256, 4, 256)]   // 22 units
    [InlineData(1536, 256, 7, 32)]    // 6 units are too few for 7 ranks
    [InlineData(1376, 256, 2, 32)]    // not a multiple of 256
    [InlineData(1000, 32, 4, 1)]      // not a multiple of 32
    [InlineData(172, 1, 4, 1)]
    [InlineData(1536, 1, 3, 32)]      // an unquantized format still keeps whole vectors
    public void FeedForwardIsCutAtTheLargestUnitThatFits(int columns, int unit, int tensorParallel, int expectedStep)
    {
        ModelConfig config = TestModels.Shape(heads: 8, kvHeads: 8, feedForward: columns);
        ShardPlan plan = ShardPlanBuilder.Build(config, tensorParallel, 1, unit, 1).Plan!;

        Assert.All(plan.Shards, shard => Assert.Equal(0, shard.FeedForward.Start % expectedStep));
        int spread = plan.Shards.Max(shard => shard.FeedForward.Count) - plan.Shards.Min(shard => shard.FeedForward.Count);
        Assert.InRange(spread, 0, expectedStep);
    }

    [Fact]
    public void AnOddVocabularyLeavesItsTailToTheLastRank()
    {
        ShardPlan plan = Plan(TestModels.Shape(vocabulary: 32003), 2, 1);
        Assert.Equal([new(0, 16032), new(16032, 32003)], Each(plan, shard => shard.Vocabulary));

        plan = Plan(TestModels.Shape(vocabulary: 70), 4, 1); // three units of 32 are too few
        Assert.Equal([18, 18, 17, 17], Each(plan, shard => shard.Vocabulary.Count));
    }

    [Fact]
    public void EveryRangeIsPartitionedWhateverTheShapeAndShares()
    {
        var random = new Random(20261);
        for (int round = 0; round < 500; round++)
        {
            int kvHeads = random.Next(1, 17);
            ModelConfig config = TestModels.Shape(
                random.Next(1, 40), kvHeads * random.Next(1, 9), kvHeads, 8 << random.Next(5), random.Next(32, 9000), random.Next(64, 40000));
            int tensorParallel = random.Next(1, Math.Min(config.HeadCount, 32) + 1), pipeline = random.Next(1, config.LayerCount + 1);
            int unit = random.Next(3) switch { 0 => 1, 1 => 32, _ => 256 };
            double[] shares = [];
            if (random.Next(4) > 0)
            {
                shares = new double[tensorParallel * pipeline];
                for (int i = 0; i < shares.Length; i++) shares[i] = Math.Exp(random.NextDouble() * 10 - 5);
            }

            ShardPlan plan = ShardPlanBuilder.Build(config, tensorParallel, pipeline, unit, round, shares).Plan!;

            Assert.Equal(tensorParallel * pipeline, plan.WorldSize);
            int firstLayer = 0;
            for (int stage = 0; stage < pipeline; stage++)
            {
                Shard[] shards = plan.Stage(stage).ToArray();
                Assert.All(shards, shard => Assert.Equal(shards[0].Layers, shard.Layers));
                Assert.Equal(firstLayer, shards[0].Layers.Start);
                firstLayer = shards[0].Layers.End;
                Assert.True(shards[0].Layers.Count > 0);
                AssertPartition(config.KvHeadCount, shards, shard => plan.FirstHeldKvHeads(shard.Rank), mayBeEmpty: tensorParallel > config.KvHeadCount);
                AssertPartition(config.HeadCount, shards, shard => shard.QueryHeads);
                AssertPartition(config.FeedForwardSize, shards, shard => shard.FeedForward);
                AssertPartition(stage == pipeline - 1 ? config.VocabularySize : 0, shards, shard => shard.Vocabulary);
                Assert.All(shards, shard =>
                {
                    IndexRange groups = shard.KvHeads.Scale(config.QueryGroupSize);
                    if (shard.KvHeads.Count == 1 && tensorParallel > config.KvHeadCount) Assert.True(groups.Contains(shard.QueryHeads));
                    else Assert.Equal(groups, shard.QueryHeads);
                });
            }
            Assert.Equal(config.LayerCount, firstLayer);
        }
    }

    [Fact]
    public void SharesAreFollowedWithinOneUnitWhenNobodyWouldGetNothing()
    {
        var random = new Random(4711);
        for (int round = 0; round < 200; round++)
        {
            int parts = random.Next(1, 9);
            int total = random.Next(200, 5000);
            double[] shares = new double[parts];
            for (int i = 0; i < parts; i++) shares[i] = 1 + random.NextDouble() * 9;

            ImmutableArray<IndexRange> ranges = Apportionment.Cut(total, 1, shares);

            for (int i = 0; i < parts; i++)
                Assert.InRange(ranges[i].Count - total * shares[i] / shares.Sum(), -1, 1);
        }
    }

    private static void AssertPartition(int total, Shard[] shards, Func<Shard, IndexRange> range, bool mayBeEmpty = false)
    {
        int next = 0;
        foreach (Shard shard in shards)
        {
            if (total == 0)
            {
                Assert.True(range(shard).IsEmpty);
                continue;
            }
            Assert.Equal(next, range(shard).Start);
            Assert.True(range(shard).Count > 0 || mayBeEmpty);
            next = range(shard).End;
        }
        Assert.Equal(total, next);
    }

    private static ShardPlan Plan(ModelConfig config, int tensorParallel, int pipeline, double[]? shares = null, long version = 1)
    {
        ShardPlanResult result = ShardPlanBuilder.Build(config, tensorParallel, pipeline, 256, version, shares);
        Assert.True(result.IsPlanned);
        Assert.Empty(result.Refusals);
        return result.Plan;
    }

    private static T[] Each<T>(ShardPlan plan, Func<Shard, T> value) => [.. plan.Shards.Select(value)];
}
