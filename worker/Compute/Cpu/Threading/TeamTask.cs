namespace Cluster.Compute.Cpu.Threading;

/// <summary>Work that every thread of a <see cref="ThreadTeam"/> takes its part of. Made once, its fields set before each run.</summary>
internal abstract class TeamTask
{
    /// <summary>Runs thread <paramref name="thread"/>'s part of <paramref name="threads"/>.</summary>
    public abstract void Execute(int thread, int threads);
}
