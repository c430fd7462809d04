namespace Cluster.Coordinator.Scheduling;

/// <summary>
/// Sequences that wait for room, and what their tenants have used: whoever has used least is next. Each tenant has a counter of the work
/// that was done for it, as in "Fairness in Serving Large Language Models" (Sheng et al., OSDI 2024, virtual token counters). One that
/// comes back from being away begins at the least of those who are there, so that nobody saves up; hence between any two who always
/// have something waiting the difference stays bounded, and each is next again after a bounded amount of work of the others.
/// </summary>
internal sealed class FairQueue
{
    /// <summary>What taking in a token of a prompt counts.</summary>
    public const int PrefillCost = 1;

    /// <summary>What writing a token counts: it reads all weights for itself or a few others, where a prompt's share them.</summary>
    public const int DecodeCost = 2;

    private readonly Dictionary<string, TenantQueue> _tenants = [];
    private readonly List<TenantQueue> _present = [];
    private long _usedByLast;

    /// <summary>Sequences that wait.</summary>
    public int Count { get; private set; }

    /// <summary>What a unit of work counts for a tenant.</summary>
    public static int Weight(Priority priority) => priority switch { Priority.High => 1, Priority.Normal => 4, _ => 16 };

    /// <summary>Takes in a new sequence; it waits.</summary>
    public void Add(Sequence sequence)
    {
        if (!_tenants.TryGetValue(sequence.Tenant.Name, out var tenant)) _tenants.Add(sequence.Tenant.Name, tenant = new TenantQueue());
        if (tenant.Count++ == 0)
        {
            tenant.Used = Math.Max(tenant.Used, LeastUsed());
            _present.Add(tenant);
        }

        tenant.Weight = Weight(sequence.Tenant.Priority);
        sequence.Queue = tenant;
        Enqueue(sequence);
    }

    /// <summary>Lets a sequence wait again that ran.</summary>
    public void Enqueue(Sequence sequence)
    {
        sequence.State = SequenceState.Waiting;
        sequence.Queue!.Insert(sequence);
        Count++;
    }

    /// <summary>It waits no longer.</summary>
    public void Dequeue(Sequence sequence)
    {
        if (sequence.Queue is { } tenant && tenant.Waiting.Remove(sequence)) Count--;
    }

    /// <summary>It needs no more; it does not wait.</summary>
    public void Leave(Sequence sequence)
    {
        if (sequence.Queue is not { } tenant) return;

        sequence.Queue = null;
        if (--tenant.Count > 0) return;
        _present.Remove(tenant);
        if (_present.Count == 0) _usedByLast = tenant.Used;
    }

    public static void Charge(Sequence sequence, long work) => sequence.Queue!.Used += work * sequence.Queue.Weight;

    /// <summary>The oldest that waits of the tenant that has used least; paused ones do not count.</summary>
    public Sequence? First()
    {
        Sequence? first = null;
        foreach (var tenant in _present)
        {
            if (tenant.First() is { } candidate && (first is null || IsBefore(candidate, first))) first = candidate;
        }

        return first;
    }

    /// <summary>Whether work is to be done for one rather than for another: its tenant has used less, or it came earlier.</summary>
    public static bool IsBefore(Sequence one, Sequence other)
    {
        var (used, others) = (one.Queue!.Used, other.Queue!.Used);
        return used != others ? used < others : one.Arrival < other.Arrival;
    }

    private long LeastUsed()
    {
        if (_present.Count == 0) return _usedByLast;

        var least = long.MaxValue;
        foreach (var tenant in _present) least = Math.Min(least, tenant.Used);
        return least;
    }
}
