namespace Cluster.Coordinator.Scheduling;

/// <summary>How much of a busy cluster somebody gets beside others.</summary>
internal enum Priority
{
    /// <summary>A quarter of what is normal.</summary>
    Low,

    Normal,

    /// <summary>Four times what is normal.</summary>
    High,
}
