namespace Cluster.Coordinator.Scheduling;

/// <summary>What one step takes in: prefill chunks and decodes mixed. Reused from step to step.</summary>
internal sealed class ScheduledBatch
{
    private readonly List<ScheduledSequence> _sequences = [];

    public IReadOnlyList<ScheduledSequence> Sequences => _sequences;

    /// <summary>What the ranks copy within the cache before the step, one after the other.</summary>
    public List<BlockCopy> Copies { get; } = [];

    public int TokenCount { get; private set; }

    /// <summary>It takes in one token of each sequence.</summary>
    public bool IsDecode => TokenCount == _sequences.Count;

    public bool IsEmpty => _sequences.Count == 0;

    internal void Add(ScheduledSequence part)
    {
        _sequences.Add(part);
        TokenCount += part.Count;
    }

    internal void Clear()
    {
        _sequences.Clear();
        Copies.Clear();
        TokenCount = 0;
    }
}
