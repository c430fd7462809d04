namespace Cluster.Compute.Cpu.Threading;

/// <summary>
/// Deals out the numbers 0 to n - 1 among threads. Each has a range of its own that it takes from front to back, so that it streams
/// through memory as the processor expects; who is done helps the next, so that nobody waits long for one that is held up.
/// </summary>
internal sealed class ClaimRanges
{
    /// <summary>Longs from one counter to the next: two cache lines.</summary>
    private const int Stride = 16;

    private long[] _next = [];
    private int _count;
    private int _threads;

    /// <summary>Deals out <paramref name="count"/> numbers anew. Not while threads take any.</summary>
    public void Reset(int count, int threads)
    {
        if (_next.Length < threads * Stride) _next = new long[threads * Stride];
        _count = count;
        _threads = threads;
        for (var t = 0; t < threads; t++) _next[t * Stride] = Start(t);
    }

    /// <summary>
    /// Takes a number for <paramref name="thread"/>. <paramref name="helped"/> is how many ranges it has seen the end of: 0 at first, then
    /// passed on from call to call. False when nothing is left.
    /// </summary>
    public bool TryTake(int thread, ref int helped, out int number)
    {
        for (; helped < _threads; helped++)
        {
            var owner = (thread + helped) % _threads;
            number = (int)(Interlocked.Increment(ref _next[owner * Stride]) - 1);
            if (number < Start(owner + 1)) return true;
        }

        number = 0;
        return false;
    }

    private int Start(int thread) => (int)((long)_count * thread / _threads);
}
