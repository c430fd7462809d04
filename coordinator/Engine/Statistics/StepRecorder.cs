using Cluster.Protos.V1;

namespace Cluster.Coordinator.Engine.Statistics;

/// <summary>
/// Takes the time of one step after the other as they go on, for the engine's loop. Of a step that was under way together with the one
/// before it, what counts is the time since that one was over. Allocates nothing a step.
/// </summary>
/// <param name="history">Where steps go when they are over.</param>
/// <param name="results">The ranks' answers to the step, by rank.</param>
/// <param name="time">The clock.</param>
internal sealed class StepRecorder(StepHistory history, IReadOnlyList<StepResult> results, TimeProvider time)
{
    private readonly RankTimes[] _ranks = new RankTimes[results.Count];
    private long _last;
    private TimeSpan _slowest;
    private TimeSpan _roundTrip;
    private TimeSpan _sampling;

    /// <summary>Timestamp at which the step began.</summary>
    public long Started { get; private set; }

    public void Begin()
    {
        Started = time.GetTimestamp();
        _slowest = _roundTrip = _sampling = TimeSpan.Zero;
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
            var times = RankTimes.Of(results[i]);
            _ranks[i] += times;
            if (times.Total > slowest) slowest = times.Total;
        }

        // What one of several ranks did while the step before went on has been counted there. A single rank did that step then.
        var roundTrip = time.GetElapsedTime(Math.Max(_last, history.PreviousEnd ?? _last), now);
        _slowest += slowest > roundTrip && _ranks.Length > 1 ? roundTrip : slowest;
        _roundTrip += roundTrip;
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
            Started, ended, tokens, wireBytes, time.GetElapsedTime(history.PreviousEnd ?? Started, ended), _slowest, _roundTrip, _sampling);
        history.Add(timings, _ranks, isDecode);
        return timings;
    }
}
