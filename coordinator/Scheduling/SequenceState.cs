namespace Cluster.Coordinator.Scheduling;

internal enum SequenceState
{
    /// <summary>Holds no blocks: not begun, or preempted.</summary>
    Waiting,

    /// <summary>Holds blocks for all its tokens and takes part in steps.</summary>
    Running,

    /// <summary>Holds no blocks and never will again.</summary>
    Finished,
}
