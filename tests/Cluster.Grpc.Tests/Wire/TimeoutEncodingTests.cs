using Grpc.Wire;

namespace Grpc.Tests.Wire;

public sealed class TimeoutEncodingTests
{
    [Theory]
    [InlineData(1, "1u")]
    [InlineData(10, "1u")]
    [InlineData(11, "2u")]
    [InlineData(TimeSpan.TicksPerSecond, "1000000u")]
    [InlineData(99 * TimeSpan.TicksPerSecond, "99000000u")]
    [InlineData(100 * TimeSpan.TicksPerSecond, "100000m")]
    [InlineData((100 * TimeSpan.TicksPerSecond) + 1, "100001m")]
    [InlineData(30 * TimeSpan.TicksPerDay, "2592000S")]
    [InlineData(36500 * TimeSpan.TicksPerDay, "52560000M")]
    [InlineData(long.MaxValue, "99999999H")]
    [InlineData(0, "1u")]
    [InlineData(-5, "1u")]
    public void Encodes_rounding_up_in_the_finest_unit_that_fits(long ticks, string text) =>
        Assert.Equal(text, TimeoutEncoding.Encode(new TimeSpan(ticks)));

    [Theory]
    [InlineData("1n", 0)]
    [InlineData("250n", 2)]
    [InlineData("3u", 30)]
    [InlineData("4m", 4 * TimeSpan.TicksPerMillisecond)]
    [InlineData("5S", 5 * TimeSpan.TicksPerSecond)]
    [InlineData("6M", 6 * TimeSpan.TicksPerMinute)]
    [InlineData("7H", 7 * TimeSpan.TicksPerHour)]
    [InlineData("00000000S", 0)]
    [InlineData("99999999H", 99_999_999 * TimeSpan.TicksPerHour)]
    public void Decodes(string text, long ticks)
    {
        Assert.True(TimeoutEncoding.TryDecode(text, out var timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("5")]
    [InlineData("5s")]
    [InlineData("-5S")]
    [InlineData("+5S")]
    [InlineData(" 5S")]
    [InlineData("5.5S")]
    [InlineData("123456789S")]
    public void Refuses_what_is_not_a_timeout(string text) => Assert.False(TimeoutEncoding.TryDecode(text, out _));
}
