using Cluster.Compute.Cuda.Interop;
using Cluster.Compute.Gpu;

namespace Cluster.Compute.Cuda;

/// <summary>
/// Has an event before and one behind everything that is queued while kernels are timed; what lies between them includes a microsecond or two that the
/// events themselves take. A device that waits for the host would add that to the kernel that it waits for, so it is held up at first, for the
/// host to get ahead.
/// </summary>
internal sealed class CudaTimer(CudaContext context) : KernelTimer, IDisposable
{
    /// <summary>Long enough to queue a hundred launches with their events.</summary>
    private const ulong HoldNanoseconds = 500_000;

    private readonly List<CudaEventHandle> _events = [];
    private CudaKernel? _hold;

    /// <summary>Whether nothing has been queued since the device was waited for.</summary>
    private bool _isIdle;

    /// <summary>The device has been waited for.</summary>
    public void Idle() => _isIdle = true;

    /// <summary>A kernel comes next.</summary>
    public void BeforeKernel()
    {
        if (!IsOn) return;
        if (_isIdle)
        {
            _isIdle = false;
            _hold!.Launch(1, 1, 1, 1, new KernelArguments { HoldNanoseconds });
        }

        Record(2 * Count);
    }

    /// <summary>A copy comes next, which the host waits for as a rule.</summary>
    public void BeforeCopy()
    {
        if (IsOn) Record(2 * Count);
    }

    /// <summary>What was announced has been queued.</summary>
    public void After(string name, params ReadOnlySpan<KernelWork> works)
    {
        if (!IsOn) return;
        Record(2 * Count + 1);
        Add(name, works);
    }

    public void Dispose()
    {
        foreach (var one in _events) one.Dispose();
    }

    protected override void Start()
    {
        _hold ??= context.Load(new KernelProgram().Include("hold.cu")).Kernel("hold");
        context.Enter();
        context.Synchronize();
    }

    protected override void Stop()
    {
        context.Enter();
        context.Synchronize();
    }

    protected override long Nanoseconds(int launch)
    {
        CudaDriver.Check(
            CudaDriver.cuEventElapsedTime(out var milliseconds, _events[2 * launch].Value, _events[2 * launch + 1].Value), "cuEventElapsedTime");
        return (long)(milliseconds * 1e6);
    }

    private void Record(int index)
    {
        while (_events.Count <= index) _events.Add(new CudaEventHandle(context.Handle));
        CudaDriver.Check(CudaDriver.cuEventRecord(_events[index].Value, context.Stream), "cuEventRecord");
    }
}
