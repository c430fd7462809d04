namespace Cluster.Compute.Cpu.Threading;

/// <summary>
/// Work in as many parts as a <see cref="ThreadTeam"/> has threads. Made once, its fields set before each run. Parts must not wait for
/// each other: a part whose thread is late is run by the caller after its own.
/// </summary>
internal abstract class TeamTask
{
    /// <summary>
    /// Runs part <paramref name="thread"/> of <paramref name="threads"/>; each part runs exactly once a run, so scratch memory may be
    /// indexed by it. A part may take its share by index, or whatever is left by an atomic counter.
    /// </summary>
    public abstract void Execute(int thread, int threads);
}
