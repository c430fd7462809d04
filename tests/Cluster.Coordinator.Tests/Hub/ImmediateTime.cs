namespace Cluster.Coordinator.Tests.Hub;

/// <summary>A time in which what is waited for at most a minute has come at once, and which remembers how long the waits were.</summary>
internal sealed class ImmediateTime : TimeProvider
{
    private readonly Lock _lock = new();

    public List<TimeSpan> Waits { get; } = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // A limit on an answer is no wait: it is as long as ever.
        if (dueTime >= TimeSpan.FromSeconds(60) || dueTime < TimeSpan.Zero) return base.CreateTimer(callback, state, dueTime, period);
        lock (_lock) Waits.Add(dueTime);
        return base.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
