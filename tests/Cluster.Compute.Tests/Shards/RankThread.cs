using Cluster.Compute.Shards;
using Cluster.Compute.Steps;

namespace Cluster.Compute.Tests.Shards;

/// <summary>The thread that a rank runs its steps on.</summary>
internal sealed class RankThread : IDisposable
{
    private readonly SemaphoreSlim _start = new(0);
    private readonly SemaphoreSlim _done = new(0);
    private readonly ShardExecutor _executor;
    private readonly Thread _thread;
    private volatile bool _stopping;
    private Exception? _failure;

    public RankThread(ShardExecutor executor)
    {
        _executor = executor;
        _thread = new Thread(Work) { IsBackground = true };
        _thread.Start();
    }

    public StepBatch Batch { get; } = new();

    public StepOutput Output { get; } = new();

    /// <summary>What the device's kernels took in the last step, if they were timed.</summary>
    public KernelTotal[] Kernels => _executor.Times.Kernels.Span.ToArray();

    public long AllocatedInLastStep { get; private set; }

    public void Start() => _start.Release();

    public void Wait()
    {
        _done.Wait();
        if (_failure is not null) throw new InvalidOperationException(_failure.ToString());
    }

    public void Dispose()
    {
        _stopping = true;
        _start.Release();
        _thread.Join();
        _start.Dispose();
        _done.Dispose();
    }

    private void Work()
    {
        while (true)
        {
            _start.Wait();
            if (_stopping) return;
            try
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                _executor.Execute(Batch, Output);
                AllocatedInLastStep = GC.GetAllocatedBytesForCurrentThread() - before;
            }
            catch (Exception e)
            {
                _failure = e;
            }

            _done.Release();
        }
    }
}
