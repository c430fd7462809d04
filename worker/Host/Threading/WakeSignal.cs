namespace Cluster.Worker.Threading;

/// <summary>
/// What a shard's compute thread sleeps on: network threads set it, the one compute thread waits. It spins briefly, because a frame
/// of a running collective is microseconds away, then parks, because two ranks may share two cores with the threads that bring it.
/// </summary>
/// <remarks>
/// A set signal stays set until one wait has consumed it, so a waiter that looks at its condition, waits, and looks again misses
/// nothing. Neither side allocates.
/// </remarks>
internal sealed class WakeSignal(int spins = WakeSignal.DefaultSpins)
{
    /// <summary>Rounds of <see cref="SpinsEach"/> processor pauses before parking; measured in the collectives benchmark.</summary>
    public const int DefaultSpins = 50;

    private const int SpinsEach = 16;

    private const int None = 0;
    private const int Signalled = 1;
    private const int Parked = 2;

    private readonly object _monitor = new();
    private int _state;

    /// <summary>Wakes the waiter, or lets its next wait pass.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref _state, Signalled) != Parked) return;
        lock (_monitor) Monitor.Pulse(_monitor);
    }

    /// <summary>
    /// Returns once the signal has been set since the last return, or has not been for so long while parked. For one thread.
    /// </summary>
    public void Wait(int milliseconds = Timeout.Infinite)
    {
        for (var i = 0; i < spins; i++)
        {
            if (TryConsume()) return;
            Thread.SpinWait(SpinsEach);
        }

        lock (_monitor)
        {
            if (Interlocked.CompareExchange(ref _state, Parked, None) == None)
            {
                while (Volatile.Read(ref _state) == Parked && Monitor.Wait(_monitor, milliseconds))
                {
                }
            }

            Interlocked.Exchange(ref _state, None);
        }
    }

    private bool TryConsume() =>
        Volatile.Read(ref _state) == Signalled && Interlocked.CompareExchange(ref _state, None, Signalled) == Signalled;
}
