namespace Cluster.Compute.Cpu.Threading;

/// <summary>
/// A fixed set of compute threads that run one task together and wait for each other at its end: the caller is thread 0, the others
/// spin for a short while for the next task and then park.
/// </summary>
internal sealed class ThreadTeam : IDisposable
{
    /// <summary>Spins before parking: about the time between two operations of a layer, far below that between two steps.</summary>
    private const int SpinsBeforeParking = 2_000;

    private readonly Thread[] _threads;
    private readonly SemaphoreSlim[] _wake;
    private readonly int[] _parked;
    private volatile TeamTask? _task;
    private volatile Exception? _failure;
    private volatile bool _stopping;
    private int _generation;
    private int _running;

    public ThreadTeam(int threadCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threadCount, 1);
        ThreadCount = threadCount;
        _threads = new Thread[threadCount - 1];
        _wake = new SemaphoreSlim[threadCount - 1];
        _parked = new int[threadCount - 1];
        for (var i = 0; i < _threads.Length; i++)
        {
            var index = i;
            _wake[i] = new SemaphoreSlim(0);
            _threads[i] = new Thread(() => Work(index)) { IsBackground = true, Name = $"compute-{index + 1}" };
            _threads[i].Start();
        }
    }

    public int ThreadCount { get; }

    /// <summary>Runs <paramref name="task"/> on every thread; returns when all have ended. Not for several callers at once.</summary>
    public void Run(TeamTask task)
    {
        if (_threads.Length == 0)
        {
            task.Execute(0, 1);
            return;
        }

        _task = task;
        Volatile.Write(ref _running, _threads.Length);
        Interlocked.Increment(ref _generation);
        for (var i = 0; i < _parked.Length; i++)
        {
            if (Interlocked.Exchange(ref _parked[i], 0) == 1) _wake[i].Release();
        }

        try
        {
            task.Execute(0, ThreadCount);
        }
        finally
        {
            var spinner = new SpinWait();
            while (Volatile.Read(ref _running) != 0) spinner.SpinOnce(sleep1Threshold: -1);
        }

        if (Interlocked.Exchange(ref _failure, null) is { } failure) throw new InvalidOperationException(failure.Message, failure);
    }

    public void Dispose()
    {
        if (_stopping) return;
        _stopping = true;
        foreach (var wake in _wake) wake.Release();
        foreach (var thread in _threads) thread.Join();
        foreach (var wake in _wake) wake.Dispose();
    }

    private void Work(int index)
    {
        var seen = 0;
        while (true)
        {
            WaitForGeneration(index, seen);
            if (_stopping) return;
            seen++;
            try
            {
                _task!.Execute(index + 1, ThreadCount);
            }
            catch (Exception e)
            {
                _failure = e;
            }

            Interlocked.Decrement(ref _running);
        }
    }

    private void WaitForGeneration(int index, int seen)
    {
        for (var spins = 0; spins < SpinsBeforeParking; spins++)
        {
            if (Volatile.Read(ref _generation) != seen || _stopping) return;
            Thread.SpinWait(8);
        }

        while (Volatile.Read(ref _generation) == seen && !_stopping)
        {
            // Announce first, then look again: a caller that raised the generation in between either sees the flag or is seen here.
            Interlocked.Exchange(ref _parked[index], 1);
            if (Volatile.Read(ref _generation) != seen && Interlocked.Exchange(ref _parked[index], 0) == 1) return;
            _wake[index].Wait();
        }
    }
}
