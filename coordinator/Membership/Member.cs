namespace Cluster.Coordinator.Membership;

/// <summary>One worker that has joined, as it described itself.</summary>
internal sealed record Member
{
    /// <summary>Unique among the members; the same when the worker comes back.</summary>
    public required string Name { get; init; }

    /// <summary>HOST:PORT of its Worker service, as its peers reach it.</summary>
    public required string Address { get; init; }

    public required string Version { get; init; }

    public required int ProcessId { get; init; }

    public required MemberDevice Device { get; init; }

    public required DateTimeOffset JoinedAt { get; init; }

    /// <summary>It wants to leave: it executes steps until it is told to exit, but is in no further plan.</summary>
    public bool IsDraining { get; init; }
}
