using Cluster.Coordinator.Ranks;

namespace Cluster.Coordinator.Engine.Statistics;

/// <summary>The times of all steps that are over: written by the engine's loop, for whoever asks. Allocates nothing a step.</summary>
internal sealed class StepHistory(IRankGroup ranks)
{
    private readonly Lock _lock = new();
    private readonly StepTotals _prefill = new(ranks.WorldSize);
    private readonly StepTotals _decode = new(ranks.WorldSize);

    /// <summary>Timestamp at which the last step was over, if nothing else has taken the time since.</summary>
    public long? PreviousEnd { get; private set; }

    /// <summary>Since the engine began.</summary>
    public EngineStatistics Statistics
    {
        get
        {
            lock (_lock) return new EngineStatistics(_prefill.ToBreakdown(), _decode.ToBreakdown());
        }
    }

    /// <summary>Something else than steps takes the time up to the next one.</summary>
    public void Idle() => PreviousEnd = null;

    /// <summary>A step is over.</summary>
    /// <param name="timings">Its times.</param>
    /// <param name="ranks">Those of each rank.</param>
    /// <param name="isDecode">It had one token of each sequence.</param>
    public void Add(in StepTimings timings, ReadOnlySpan<RankTimes> ranks, bool isDecode)
    {
        PreviousEnd = timings.Ended;
        lock (_lock) (isDecode ? _decode : _prefill).Add(timings, ranks);
    }
}
