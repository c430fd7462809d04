using Cluster.Compute.Cpu.Threading;

namespace Cluster.Compute.Tests.Cpu.Threading;

/// <summary>Counts how often each part runs; parts named in <see cref="Failing"/> throw after counting.</summary>
internal sealed class CountingTask(int threads) : TeamTask
{
    public int[] Runs { get; } = new int[threads];

    public int WrongThreadCount { get; private set; }

    public HashSet<int> Failing { get; } = [];

    public override void Execute(int thread, int threads)
    {
        if (threads != Runs.Length) WrongThreadCount++;
        Interlocked.Increment(ref Runs[thread]);
        if (Failing.Contains(thread)) throw new InvalidDataException($"part {thread}");
    }
}
