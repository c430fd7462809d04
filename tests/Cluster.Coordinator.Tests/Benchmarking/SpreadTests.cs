using Cluster.Coordinator.Benchmarking;

namespace Cluster.Coordinator.Tests.Benchmarking;

public sealed class SpreadTests
{
    [Fact]
    public void The_median_is_the_middle_or_between_the_two_middle_ones()
    {
        Assert.Equal(new Spread(7, 7, 7), Spread.Of([7]));
        Assert.Equal(new Spread(4, 1, 90), Spread.Of([90, 1, 4]));
        Assert.Equal(new Spread(3.5, -2, 8), Spread.Of([8, 3, -2, 4]));
    }
}
