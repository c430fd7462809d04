namespace Cluster.Compute.Collectives;

/// <summary>The ranks of one tensor-parallel group that run as threads of one process.</summary>
public sealed class InProcessGroup : IDisposable
{
    private readonly Barrier _barrier;

    public InProcessGroup(int size)
    {
        _barrier = new Barrier(size);
        Partials = new float[size][];
        Array.Fill(Partials, []);
        var ranks = new ICollective[size];
        for (var rank = 0; rank < size; rank++) ranks[rank] = new InProcessCollective(this, rank);
        Ranks = ranks;
    }

    /// <summary>The group as each of its ranks sees it.</summary>
    public IReadOnlyList<ICollective> Ranks { get; }

    /// <summary>Each rank's partial of the running all-reduce.</summary>
    internal float[][] Partials { get; }

    public void Dispose() => _barrier.Dispose();

    internal void Wait() => _barrier.SignalAndWait();
}
