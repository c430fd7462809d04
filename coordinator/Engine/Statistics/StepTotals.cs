namespace Cluster.Coordinator.Engine.Statistics;

/// <summary>Adds up the steps of one kind.</summary>
internal sealed class StepTotals(int ranks)
{
    private readonly RankTimes[] _ranks = new RankTimes[ranks];
    private long _steps;
    private long _tokens;
    private TimeSpan _total;
    private TimeSpan _stream;
    private TimeSpan _roundTrips;
    private TimeSpan _sampling;
    private TimeSpan _slowest;
    private long _wireBytes;

    public void Add(in StepTimings step, ReadOnlySpan<RankTimes> ranks)
    {
        _steps++;
        _tokens += step.Tokens;
        _total += step.Total;
        _roundTrips += step.RoundTrip;
        _sampling += step.Sampling;
        _slowest += step.Slowest;

        // The answer of a step that another has followed at once may be late, and that one's seem early by as much. Together they are right; and what has
        // been told is not taken back.
        var beyondRanks = _roundTrips - _slowest;
        if (beyondRanks > _stream) _stream = beyondRanks;
        _wireBytes += step.WireBytes;
        for (var i = 0; i < _ranks.Length; i++) _ranks[i] += ranks[i];
    }

    public StepBreakdown ToBreakdown() => new()
    {
        Steps = _steps,
        Tokens = _tokens,
        Total = _total,
        Stream = _stream,
        Sampling = _sampling,
        Slowest = _roundTrips - _stream,
        WireBytes = _wireBytes,
        Ranks = [.. _ranks],
    };
}
