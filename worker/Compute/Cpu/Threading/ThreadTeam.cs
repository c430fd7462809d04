using System.Diagnostics;
using Cluster.Model.Processors;

namespace Cluster.Compute.Cpu.Threading;

/// <summary>
/// A fixed set of compute threads that run one task together: the caller is thread 0, the others spin for a short while for the next
/// task and then park. Several teams may share few cores, so nobody waits for a thread that has not begun: the caller takes over its
/// part.
/// </summary>
internal sealed class ThreadTeam : IDisposable
{
    /// <summary>
    /// How long a thread that waits keeps its core to itself. Between two operations of a step there are a few microseconds; on a busy
    /// machine, a core that is offered to others comes back after a scheduler's turn of milliseconds.
    /// </summary>
    private static readonly long s_spinTicks = Stopwatch.Frequency / 20_000;

    /// <summary>How long it then goes on looking, offering the core between looks, before it parks.</summary>
    private static readonly long s_yieldTicks = Stopwatch.Frequency / 5_000;

    private const int SpinsBetweenLooks = 2;

    private readonly CpuList? _cpus;
    private readonly Thread[] _threads;
    private readonly SemaphoreSlim[] _wake;
    private readonly TeamSlot[] _slots;
    private TeamTask? _task;
    private Exception? _failure;
    private volatile bool _stopping;
    private int _pinnedCaller;

    /// <param name="threadCount">Threads, the caller's included.</param>
    /// <param name="cpus">Processors that they are tied to in turn; whoever calls <see cref="Run"/> is tied to the first for good.</param>
    public ThreadTeam(int threadCount, CpuList? cpus = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threadCount, 1);
        _cpus = cpus;
        ThreadCount = threadCount;
        _threads = new Thread[threadCount - 1];
        _wake = new SemaphoreSlim[threadCount - 1];
        _slots = new TeamSlot[threadCount - 1];
        for (var i = 0; i < _threads.Length; i++)
        {
            var index = i;
            _wake[i] = new SemaphoreSlim(0);
            _threads[i] = new Thread(() => Work(index)) { IsBackground = true, Name = $"compute-{index + 1}" };
            _threads[i].Start();
        }
    }

    /// <summary>Threads, the caller's included.</summary>
    public int ThreadCount { get; }

    /// <summary>
    /// Runs every part of <paramref name="task"/> and returns when all have ended. One caller at a time. When parts fail, the rest still
    /// end first; then the caller's own exception is thrown, or another part's inside an <see cref="InvalidOperationException"/>.
    /// </summary>
    public void Run(TeamTask task)
    {
        ObjectDisposedException.ThrowIf(_stopping, this);
        if (_cpus is not null && _pinnedCaller != Environment.CurrentManagedThreadId)
        {
            Pin(0);
            _pinnedCaller = Environment.CurrentManagedThreadId;
        }

        if (_threads.Length == 0)
        {
            task.Execute(0, 1);
            return;
        }

        _task = task;
        _failure = null;
        for (var i = 0; i < _slots.Length; i++) Offer(i);

        try
        {
            task.Execute(0, ThreadCount);
        }
        finally
        {
            for (var i = 0; i < _slots.Length; i++)
            {
                if (Interlocked.CompareExchange(ref _slots[i].State, TeamSlot.Taken, TeamSlot.Offered) == TeamSlot.Offered)
                {
                    RunPart(task, i);
                }
            }

            for (var i = 0; i < _slots.Length; i++) WaitForIdle(ref _slots[i].State);
            _task = null;
        }

        if (_failure is { } failure) throw new InvalidOperationException(failure.Message, failure);
    }

    /// <summary>Ends the threads. Not while a task runs.</summary>
    public void Dispose()
    {
        if (_stopping) return;
        _stopping = true;
        foreach (var wake in _wake) wake.Release();
        foreach (var thread in _threads) thread.Join();
        foreach (var wake in _wake) wake.Dispose();
    }

    private static void WaitForIdle(ref int state)
    {
        var start = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref state) != TeamSlot.Idle)
        {
            if (Stopwatch.GetTimestamp() - start < s_spinTicks) Thread.SpinWait(SpinsBetweenLooks);
            else Thread.Yield();
        }
    }

    private void Offer(int index)
    {
        // Full fence between offering and looking at the flag, as between the thread's raising it and looking at the offer: one of the
        // two sees the other. Whoever takes the flag down owes or is spared the semaphore's one count.
        Interlocked.Exchange(ref _slots[index].State, TeamSlot.Offered);
        if (Interlocked.Exchange(ref _slots[index].Parked, 0) == 1) _wake[index].Release();
    }

    private void RunPart(TeamTask task, int index)
    {
        try
        {
            task.Execute(index + 1, ThreadCount);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, e, null);
        }
        finally
        {
            Volatile.Write(ref _slots[index].State, TeamSlot.Idle);
        }
    }

    private void Pin(int thread) => ThreadAffinity.Pin(_cpus!.Numbers[thread % _cpus.Numbers.Length]);

    private void Work(int index)
    {
        if (_cpus is not null) Pin(index + 1);
        while (WaitForOffer(index))
        {
            // The task is read after the slot is taken: it stays until every slot is idle again.
            if (Interlocked.CompareExchange(ref _slots[index].State, TeamSlot.Taken, TeamSlot.Offered) == TeamSlot.Offered)
            {
                RunPart(_task!, index);
            }
        }
    }

    /// <returns>False when the team stops.</returns>
    private bool WaitForOffer(int index)
    {
        ref var slot = ref _slots[index];
        var start = Stopwatch.GetTimestamp();
        long waited;
        do
        {
            if (_stopping) return false;
            if (Volatile.Read(ref slot.State) == TeamSlot.Offered) return true;
            waited = Stopwatch.GetTimestamp() - start;
            if (waited < s_spinTicks) Thread.SpinWait(SpinsBetweenLooks);
            else Thread.Yield();
        }
        while (waited < s_spinTicks + s_yieldTicks);

        Interlocked.Exchange(ref slot.Parked, 1);
        if (Volatile.Read(ref slot.State) == TeamSlot.Offered && Interlocked.Exchange(ref slot.Parked, 0) == 1) return true;
        if (!_stopping) _wake[index].Wait();
        return !_stopping;
    }
}
