using System.Diagnostics;

namespace Cluster.Compute.Steps;

/// <summary>
/// Where one step's time went: each moment counts for the part that was entered last, so that one look at the clock a part is enough and
/// nothing is left over. A device that queues its operations shows their time where the step waits for them; what they really took is in
/// <see cref="Kernels"/>, where that is asked for.
/// </summary>
public sealed class StepTimes
{
    private readonly long[] _ticks = new long[(int)StepPart.Other + 1];
    private long _last;

    /// <summary>What a part took so far, in <see cref="Stopwatch"/> ticks.</summary>
    public long this[StepPart part] => _ticks[(int)part];

    /// <summary>The part that time counts for at present.</summary>
    public StepPart Part { get; private set; }

    /// <summary>Whether the device's kernels are timed too.</summary>
    public bool HasKernels { get; private set; }

    /// <summary>What the device's kernels took in a step in which they were timed; else empty.</summary>
    public GrowingArray<KernelTotal> Kernels { get; } = new();

    /// <summary>Forgets the last step and starts the clock.</summary>
    /// <param name="part">What the time counts for.</param>
    /// <param name="hasKernels">Whether the device's kernels are timed too.</param>
    public void Begin(StepPart part, bool hasKernels = false)
    {
        Array.Clear(_ticks);
        Kernels.Clear();
        (Part, HasKernels) = (part, hasKernels);
        _last = Stopwatch.GetTimestamp();
    }

    /// <summary>From here on time counts for <paramref name="part"/>.</summary>
    public void Enter(StepPart part)
    {
        if (part == Part) return;
        End();
        Part = part;
    }

    /// <summary>Counts the time up to here.</summary>
    public void End()
    {
        var now = Stopwatch.GetTimestamp();
        _ticks[(int)Part] += now - _last;
        _last = now;
    }
}
