using Cluster.Coordinator.Planning.Search;

namespace Cluster.Coordinator.Tests.Planning.Search;

public sealed class ShareFillingTests
{
    [Theory]
    [InlineData(new double[] { 3, 1 }, new double[] { 100, 100 }, 40, new double[] { 30, 10 })]
    [InlineData(new double[] { 1.05, 1 }, new double[] { 100, 100 }, 40, new double[] { 20, 20 })]      // noise
    [InlineData(new double[] { 6, 2, 1 }, new double[] { 24, 100, 100 }, 54, new double[] { 24, 20, 10 })] // what does not fit goes to the others
    [InlineData(new double[] { 6, 2, 1 }, new double[] { 24, 15, 100 }, 54, new double[] { 24, 15, 15 })]
    [InlineData(new double[] { 1, 1 }, new double[] { 10, 30 }, 40, new double[] { 10, 30 })]
    public void Parts_follow_speeds_as_far_as_they_fit(double[] speeds, double[] capacities, double total, double[] expected) =>
        Assert.Equal(expected, ShareFilling.Fill(speeds, capacities, total)!, (a, b) => Math.Abs(a - b) < 1e-9);

    [Fact]
    public void What_all_together_cannot_hold_has_no_parts() => Assert.Null(ShareFilling.Fill([1, 1], [10, 10], 21));
}
