using System.Diagnostics;

namespace Cluster.Compute.Steps;

/// <summary>
/// Where one step's time went: each moment from <see cref="Begin"/> on counts for the part that ends next, so that one look at the
/// clock a part is enough and nothing is left over. A device that queues its operations shows their time where the step waits for them.
/// </summary>
public sealed class StepTimes
{
    private readonly long[] _ticks = new long[(int)StepPart.Other + 1];
    private long _last;

    /// <summary>What a part took so far, in <see cref="Stopwatch"/> ticks.</summary>
    public long this[StepPart part] => _ticks[(int)part];

    /// <summary>Forgets the last step and starts the clock.</summary>
    public void Begin()
    {
        Array.Clear(_ticks);
        _last = Stopwatch.GetTimestamp();
    }

    /// <summary>Counts the time since the last call for <paramref name="part"/>.</summary>
    public void End(StepPart part)
    {
        var now = Stopwatch.GetTimestamp();
        _ticks[(int)part] += now - _last;
        _last = now;
    }
}
