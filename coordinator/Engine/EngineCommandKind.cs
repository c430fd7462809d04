namespace Cluster.Coordinator.Engine;

internal enum EngineCommandKind
{
    /// <summary>Take the sequence in.</summary>
    Submit,

    /// <summary>Its reader is gone: take it out before the next step.</summary>
    Cancel,

    /// <summary>Do some work between two steps.</summary>
    Work,

    /// <summary>Do something at once that concerns the loop's own state.</summary>
    Call,

    /// <summary>Look again: a reader has caught up.</summary>
    Wake,

    /// <summary>End when the sequences under way have.</summary>
    Drain,

    /// <summary>End now.</summary>
    Stop,
}
