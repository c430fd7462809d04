using Cluster.Compute.Gpu;
using Cluster.Compute.OpenCl.Interop;

namespace Cluster.Compute.OpenCl;

/// <summary>While kernels are timed, commands go to a queue of its own that notes when each begins and ends.</summary>
internal sealed unsafe class OpenClTimer(OpenClContext context) : KernelTimer, IDisposable
{
    private readonly List<OpenClObject> _events = [];
    private OpenClObject? _queue;

    /// <summary>A command was queued.</summary>
    /// <param name="name">The kernel.</param>
    /// <param name="done">Its event, which is owned from here on.</param>
    /// <param name="works">What it works for; nothing where it is no part of a step.</param>
    public void Queued(string name, nint done, params ReadOnlySpan<KernelWork> works)
    {
        if (!IsOn) return;
        _events.Add(new OpenClObject(done, OpenClApi.clReleaseEvent, 0, name));
        Add(name, works);
    }

    public void Dispose()
    {
        Forget();
        _queue?.Dispose();
    }

    protected override void Start()
    {
        Forget();
        _queue ??= context.CreateQueue(OpenClApi.TimedQueue);
        context.Switch(_queue);
    }

    protected override void Stop() => context.Switch(null);

    protected override long Nanoseconds(int launch) =>
        Math.Max(0, (long)(Time(_events[launch], OpenClApi.CommandEnd) - Time(_events[launch], OpenClApi.CommandStart)));

    private static ulong Time(OpenClObject done, uint name)
    {
        ulong time;
        OpenClApi.Check(OpenClApi.clGetEventProfilingInfo(done.Value, name, sizeof(ulong), &time, null), "clGetEventProfilingInfo");
        return time;
    }

    private void Forget()
    {
        foreach (var one in _events) one.Dispose();
        _events.Clear();
    }
}
