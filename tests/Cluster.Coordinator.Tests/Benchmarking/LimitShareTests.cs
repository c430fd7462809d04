using Cluster.Coordinator.Benchmarking;

namespace Cluster.Coordinator.Tests.Benchmarking;

public sealed class LimitShareTests
{
    [Fact]
    public void One_rank_is_held_against_its_own_limit() =>
        Assert.Equal(new LimitShare(20, 0.75), LimitShare.Of([(0, 60, 20)], seconds: 4));

    [Fact]
    public void The_slowest_of_a_stage_counts()
    {
        // 60 units at 20 take 3 seconds, the other's 40 at 40 only one: 100 in 3 seconds.
        var share = LimitShare.Of([(0, 60, 20), (0, 40, 40)], seconds: 4)!.Value;

        Assert.Equal((100 / 3.0, 0.75), (share.Rate, share.Share));
    }

    [Fact]
    public void Stages_work_one_after_the_other() =>
        Assert.Equal(new LimitShare(100 / 4.0, 0.5), LimitShare.Of([(0, 60, 20), (1, 40, 40)], seconds: 8));

    [Fact]
    public void What_was_not_measured_limits_nothing() => Assert.Null(LimitShare.Of([(0, 60, 20), (0, 40, 0)], seconds: 1));
}
