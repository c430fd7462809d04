using Cluster.Model.Sharding;

namespace Cluster.Model.Tests.Sharding;

public sealed class ShardPlanRefusalTests
{
    [Theory]
    [InlineData(9, 1, "tensor-parallel 9 exceeds the model's 8 query heads")]
    [InlineData(1, 9, "9 pipeline stages exceed the model's 8 layers")]
    [InlineData(0, 1, "tensor-parallel 0 is less than 1")]
    [InlineData(1, -2, "-2 pipeline stages are less than 1")]
    public void OneReasonIsOneLine(int tensorParallel, int pipeline, string expected)
    {
        ShardPlanResult result = ShardPlanBuilder.Build(TestModels.Shape(), tensorParallel, pipeline, 256, 1);

        Assert.False(result.IsPlanned);
        Assert.Equal(expected, Assert.Single(result.Refusals).Message);
    }

    [Fact]
    public void EveryReasonIsListed()
    {
        ShardPlanResult result = ShardPlanBuilder.Build(
            TestModels.Shape(feedForward: 4, vocabulary: 3), 9, 9, 256, 1, [1, 0, double.NaN, -1, double.PositiveInfinity]);

        Assert.Equal(
            [
                "tensor-parallel 9 exceeds the model's 8 query heads",
                "tensor-parallel 9 exceeds the model's 4 feed-forward columns",
                "tensor-parallel 9 exceeds the model's vocabulary of 3",
                "9 pipeline stages exceed the model's 8 layers",
                "5 shares are given for 81 ranks",
                "the share of rank 1 is 0; it must be positive and at most 1e15",
                "the share of rank 2 is NaN; it must be positive and at most 1e15",
                "the share of rank 3 is -1; it must be positive and at most 1e15",
                "the share of rank 4 is Infinity; it must be positive and at most 1e15",
            ],
            result.Refusals.Select(refusal => refusal.Message));
        Assert.Equal(ShardPlanRefusalReason.TensorParallelExceedsHeads, result.Refusals[0].Reason);
    }

    [Fact]
    public void HugeSizesAreRefusedWithoutOverflow()
    {
        ShardPlanResult result = ShardPlanBuilder.Build(TestModels.Shape(), int.MaxValue, int.MaxValue, 256, 1, [1]);

        Assert.Contains(result.Refusals, refusal => refusal.Message == "1 shares are given for 4611686014132420609 ranks");
    }
}
