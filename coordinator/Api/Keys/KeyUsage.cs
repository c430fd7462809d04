using Microsoft.AspNetCore.Http;

namespace Cluster.Coordinator.Api.Keys;

/// <summary>What a key uses: how many requests are under way, and how many it may still begin (a bucket that fills by its requests a minute).</summary>
internal sealed class KeyUsage(TimeProvider time)
{
    private const double SecondsPerMinute = 60;

    private readonly Lock _lock = new();
    private int _underWay;
    private double _taken;
    private long _counted = time.GetTimestamp();

    /// <param name="key">What it may use now; limits can change between two requests.</param>
    /// <returns>To be disposed when the request has ended.</returns>
    /// <exception cref="ApiException">It may not begin a request now.</exception>
    public IDisposable Enter(ApiKey key)
    {
        lock (_lock)
        {
            if (_underWay >= key.Concurrent)
                throw Refusal($"The key '{key.Name}' has {_underWay} requests under way, as many as it may have.", TimeSpan.FromSeconds(1));
            if (key.RequestsPerMinute is { } limit) Take(key, limit);
            _underWay++;
        }

        return new Use(this);
    }

    private void Take(ApiKey key, int limit)
    {
        var rate = limit / SecondsPerMinute;
        _taken = Math.Clamp(_taken - time.GetElapsedTime(_counted).TotalSeconds * rate, 0, limit);
        _counted = time.GetTimestamp();
        if (_taken > limit - 1)
            throw Refusal($"The key '{key.Name}' may begin {limit} requests a minute.", TimeSpan.FromSeconds(Math.Max(1, (_taken - (limit - 1)) / rate)));
        _taken++;
    }

    private void Leave()
    {
        lock (_lock) _underWay--;
    }

    private static ApiException Refusal(string message, TimeSpan retryAfter) =>
        new(new ApiError(StatusCodes.Status429TooManyRequests, message, Code: "rate_limit_exceeded") { RetryAfter = retryAfter });

    private sealed class Use(KeyUsage usage) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0) usage.Leave();
        }
    }
}
