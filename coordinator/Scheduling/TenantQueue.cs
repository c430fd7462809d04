namespace Cluster.Coordinator.Scheduling;

/// <summary>One tenant's sequences that wait, and what it has used.</summary>
internal sealed class TenantQueue
{
    /// <summary>Those that wait, in order of arrival.</summary>
    public LinkedList<Sequence> Waiting { get; } = new();

    /// <summary>Those that wait or run.</summary>
    public int Count { get; set; }

    /// <summary>What it has used, weighted by its priority; who was away for a time begins with no less than those who were there.</summary>
    public long Used { get; set; }

    /// <summary>What a unit of work counts for it.</summary>
    public int Weight { get; set; }

    /// <summary>The oldest that waits and is not paused.</summary>
    public Sequence? First()
    {
        for (var node = Waiting.First; node is not null; node = node.Next)
            if (!node.Value.IsPaused) return node.Value;
        return null;
    }

    public void Insert(Sequence sequence)
    {
        // Most are the youngest; one that was preempted goes back among those that came before and after it.
        var previous = Waiting.Last;
        while (previous is not null && previous.Value.Arrival > sequence.Arrival) previous = previous.Previous;
        if (previous is null) Waiting.AddFirst(sequence);
        else Waiting.AddAfter(previous, sequence);
    }
}
