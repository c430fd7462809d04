using System.Collections.Immutable;

namespace Cluster.Coordinator.Page;

/// <summary>What happened in the cluster of late: workers that joined and left, and what it was told.</summary>
internal sealed class ClusterEvents(TimeProvider time)
{
    /// <summary>The oldest go first.</summary>
    private const int Kept = 200;

    private ImmutableList<ClusterEvent> _events = [];
    private long _departures;

    /// <summary>In order of time.</summary>
    public ImmutableList<ClusterEvent> All => _events;

    /// <summary>Workers that left since the start.</summary>
    public long Departures => Interlocked.Read(ref _departures);

    /// <summary>A worker left, lost or not.</summary>
    public void AddDeparture(string worker)
    {
        Interlocked.Increment(ref _departures);
        Add($"worker '{worker}' left");
    }

    public void Add(string text)
    {
        var happened = new ClusterEvent(time.GetUtcNow(), text);
        ImmutableInterlocked.Update(ref _events, events => (events.Count < Kept ? events : events.RemoveAt(0)).Add(happened));
    }
}
