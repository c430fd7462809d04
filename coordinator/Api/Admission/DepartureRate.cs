namespace Cluster.Coordinator.Api.Admission;

/// <summary>How fast texts have been leaving of late, to tell how long it takes until there is room. Used under its owner's lock.</summary>
internal sealed class DepartureRate(TimeProvider time)
{
    private const int Remembered = 64;

    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(1), s_most = TimeSpan.FromMinutes(5);

    private readonly Queue<(long Timestamp, int Texts)> _departures = new(Remembered);
    private int _texts;

    public void Add(int texts)
    {
        if (_departures.Count == Remembered) _texts -= _departures.Dequeue().Texts;
        _departures.Enqueue((time.GetTimestamp(), texts));
        _texts += texts;
    }

    /// <summary>When so many texts more will have left, if they go on leaving as they did; from 1 second to 5 minutes.</summary>
    public TimeSpan TimeUntil(int texts)
    {
        if (_texts == 0) return s_least;

        var estimate = time.GetElapsedTime(_departures.Peek().Timestamp) * ((double)texts / _texts);
        return estimate < s_least ? s_least : estimate > s_most ? s_most : estimate;
    }
}
