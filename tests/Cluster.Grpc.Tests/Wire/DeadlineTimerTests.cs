using Grpc.Wire;

namespace Grpc.Tests.Wire;

public sealed class DeadlineTimerTests
{
    private readonly ManualTimeProvider _time = new();
    private int _expired;

    [Theory]
    [InlineData(10)]
    [InlineData(5_000)]
    [InlineData(86_400_000L * 400)]
    public void Fires_once_at_the_deadline(long milliseconds)
    {
        Start(TimeSpan.FromMilliseconds(milliseconds));

        _time.Advance(TimeSpan.FromMilliseconds(milliseconds - 1));
        Assert.Equal(0, _expired);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, _expired);
        _time.Advance(TimeSpan.FromDays(100));
        Assert.Equal(1, _expired);
    }

    [Fact]
    public void Fires_at_once_when_the_deadline_has_passed()
    {
        Start(TimeSpan.FromSeconds(-1));
        _time.Advance(TimeSpan.Zero);
        Assert.Equal(1, _expired);
    }

    [Fact]
    public void Never_fires_early_for_a_fraction_of_a_millisecond()
    {
        Start(TimeSpan.FromMilliseconds(1.5));
        _time.Advance(TimeSpan.FromMilliseconds(1.4));
        Assert.Equal(0, _expired);
        _time.Advance(TimeSpan.FromMilliseconds(0.6));
        Assert.Equal(1, _expired);
    }

    [Fact]
    public void Stopped_timer_does_not_fire()
    {
        Start(TimeSpan.FromSeconds(1)).Stop();
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, _expired);
        Assert.Equal(0, _time.TimerCount);
    }

    private DeadlineTimer Start(TimeSpan due) => new(_time, _time.GetUtcNow().UtcDateTime + due, () => _expired++);
}
