using Cluster.Coordinator.Ranks;

namespace Cluster.Coordinator.Engine.Statistics;

/// <summary>
/// Takes the time of steps: of one as it goes on, by the engine's loop, and of all that were, for whoever asks. Allocates nothing a step.
/// </summary>
internal sealed class StepRecorder(IRankGroup ranks, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly StepTotals _prefill = new(ranks.WorldSize);
    private readonly StepTotals _decode = new(ranks.WorldSize);
    private readonly RankTimes[] _ranks = new RankTimes[ranks.WorldSize];
    private long? _previousEnd;
    private long _started;
    private long _last;
    private TimeSpan _slowest;
    private TimeSpan _stream;
    private TimeSpan _sampling;

    /// <summary>Since the engine began.</summary>
    public EngineStatistics Statistics
    {
        get
        {
            lock (_lock) return new EngineStatistics(_prefill.ToBreakdown(), _decode.ToBreakdown());
        }
    }

    /// <summary>Something else than steps takes the time up to the next one.</summary>
    public void Idle() => _previousEnd = null;

    public void Begin()
    {
        _started = time.GetTimestamp();
        _slowest = _stream = _sampling = TimeSpan.Zero;
        Array.Clear(_ranks);
    }

    /// <summary>A request is about to be sent.</summary>
    public void Sending() => _last = time.GetTimestamp();

    /// <summary>All ranks from <paramref name="firstRank"/> on have answered.</summary>
    public void Answered(int firstRank)
    {
        var now = time.GetTimestamp();
        var slowest = TimeSpan.Zero;
        for (var i = firstRank; i < _ranks.Length; i++)
        {
            var times = RankTimes.Of(ranks.Results[i]);
            _ranks[i] += times;
            if (times.Total > slowest) slowest = times.Total;
        }

        _slowest += slowest;
        _stream += time.GetElapsedTime(_last, now) - slowest;
        _last = now;
    }

    /// <summary>The answers have been made use of.</summary>
    public void Sampled() => _sampling += time.GetElapsedTime(_last);

    /// <summary>The step is over, and counts.</summary>
    /// <param name="tokens">Tokens that it took in.</param>
    /// <param name="wireBytes">Bytes that it sent between processes.</param>
    /// <param name="isDecode">It had one token of each sequence.</param>
    public StepTimings End(int tokens, long wireBytes, bool isDecode)
    {
        var ended = time.GetTimestamp();
        var timings = new StepTimings(
            _started, ended, tokens, wireBytes, time.GetElapsedTime(_previousEnd ?? _started, ended), _slowest, _stream, _sampling);
        _previousEnd = ended;
        lock (_lock) (isDecode ? _decode : _prefill).Add(timings, _ranks);
        return timings;
    }
}
