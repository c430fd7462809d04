namespace Grpc.Wire;

/// <summary>Calls back once when a UTC instant has passed, however far away it is.</summary>
internal sealed class DeadlineTimer : IAsyncDisposable
{
    // Timers take at most 2^32 - 2 ms; a later deadline is reached in several goes.
    private static readonly TimeSpan MaxDue = TimeSpan.FromDays(30);

    private readonly TimeProvider _time;
    private readonly DateTime _deadline;
    private readonly Action _expired;
    private readonly ITimer _timer;

    public DeadlineTimer(TimeProvider time, DateTime deadline, Action expired)
    {
        _time = time;
        _deadline = deadline;
        _expired = expired;
        _timer = time.CreateTimer(static state => ((DeadlineTimer)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(Due(), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Completes when no callback runs any more.</summary>
    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    /// <summary>As <see cref="DisposeAsync"/>, but a callback may still be running.</summary>
    public void Stop() => _timer.Dispose();

    private TimeSpan Due()
    {
        var left = _deadline - _time.GetUtcNow().UtcDateTime;
        if (left <= TimeSpan.Zero)
            return TimeSpan.Zero;

        // Timers count whole milliseconds and cut the rest off: round up so as not to fire early.
        return left < MaxDue ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)) : MaxDue;
    }

    private void Tick()
    {
        var due = Due();
        if (due == TimeSpan.Zero)
            _expired();
        else
            _timer.Change(due, Timeout.InfiniteTimeSpan);
    }
}
