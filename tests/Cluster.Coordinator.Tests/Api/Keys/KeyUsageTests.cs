using Cluster.Coordinator.Api;
using Cluster.Coordinator.Api.Keys;

namespace Cluster.Coordinator.Tests.Api.Keys;

public sealed class KeyUsageTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly ApiKey _key = new("ann", KeyHash.Of("sk-a"));

    [Fact]
    public void Requests_a_minute_may_come_at_once_and_then_as_the_minute_goes()
    {
        var usage = new KeyUsage(_time);
        var key = _key with { RequestsPerMinute = 20 };
        for (var i = 0; i < 20; i++) usage.Enter(key).Dispose();

        Assert.Equal(TimeSpan.FromSeconds(3), RefusalOf(usage, key).RetryAfter);
        _time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal(TimeSpan.FromSeconds(1.5), RefusalOf(usage, key).RetryAfter);
        _time.Advance(TimeSpan.FromSeconds(1.5));
        usage.Enter(key).Dispose();
        RefusalOf(usage, key);

        _time.Advance(TimeSpan.FromHours(1)); // no more than a minute's are saved
        for (var i = 0; i < 20; i++) usage.Enter(key).Dispose();
        var error = RefusalOf(usage, key);
        Assert.Equal((429, "rate_limit_exceeded", "requests"), (error.StatusCode, error.Code, error.Type));
    }

    [Fact]
    public void As_many_as_allowed_are_under_way_and_who_is_refused_pays_nothing()
    {
        var usage = new KeyUsage(_time);
        var key = _key with { Concurrent = 2, RequestsPerMinute = 3 };
        var first = usage.Enter(key);
        using var second = usage.Enter(key);
        for (var i = 0; i < 5; i++) Assert.Contains("2 requests under way", RefusalOf(usage, key).Message, StringComparison.Ordinal);
        first.Dispose();
        first.Dispose();

        using var third = usage.Enter(key);

        Assert.Contains("under way", RefusalOf(usage, key).Message, StringComparison.Ordinal);
        Assert.Contains("a minute", RefusalOf(usage, key with { Concurrent = 3 }).Message, StringComparison.Ordinal);
    }

    private static ApiError RefusalOf(KeyUsage usage, ApiKey key) => Assert.Throws<ApiException>(() => usage.Enter(key)).Error;
}
