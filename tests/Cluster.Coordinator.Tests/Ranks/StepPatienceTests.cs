using Cluster.Coordinator.Ranks;

namespace Cluster.Coordinator.Tests.Ranks;

public sealed class StepPatienceTests
{
    private readonly StepPatience _patience = new();

    [Fact]
    public void Before_anything_is_measured_it_is_as_long_as_can_be()
    {
        Assert.Equal(StepPatience.Most, _patience.For(1));
        _patience.Add(0, TimeSpan.FromSeconds(1));
        Assert.Equal(StepPatience.Most, _patience.For(1));
    }

    [Theory]
    [InlineData(0.1, 1, 1, 30)]
    [InlineData(0.1, 1, 512, 1024)]
    [InlineData(40, 512, 512, 800)]
    [InlineData(40, 512, 1, 800)]
    [InlineData(40, 512, 0, 800)]
    [InlineData(300, 1, 512, 1800)]
    public void It_is_many_times_what_is_expected_of_the_step(double seconds, int tokens, int nextTokens, double expected)
    {
        for (var i = 0; i < 20; i++) _patience.Add(tokens, TimeSpan.FromSeconds(seconds));

        Assert.Equal(expected, _patience.For(nextTokens).TotalSeconds, 3);
    }

    [Fact]
    public void One_slow_step_is_soon_forgotten()
    {
        for (var i = 0; i < 50; i++) _patience.Add(1, TimeSpan.FromSeconds(i == 0 ? 25 : 0.1));

        Assert.Equal(StepPatience.Least, _patience.For(4));
    }
}
