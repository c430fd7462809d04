namespace Cluster.Coordinator.Ranks;

internal enum StepFailureKind
{
    /// <summary>A rank's stream broke: its worker, or the way to it, is gone.</summary>
    WorkerLost,

    /// <summary>Ranks have not answered within many times what steps take: one hangs, the others wait for it.</summary>
    StepOverdue,

    /// <summary>A rank answered that it could not execute the step.</summary>
    StepRefused,

    /// <summary>The step was given up by us: the group was closed, or its plan replaced.</summary>
    Cancelled,
}
