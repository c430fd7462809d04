namespace Cluster.Coordinator.Membership;

/// <summary>When a silent worker is suspected, and when it is given up. Workers give a sign of life twice a second.</summary>
internal sealed record MonitorOptions
{
    /// <summary>Between two looks.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(0.25);

    /// <summary>Silence after which a worker is asked whether it is there, by us and by other workers.</summary>
    public TimeSpan Suspicion { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Silence after which a worker that answers nobody is lost.</summary>
    public TimeSpan Loss { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The same for one that answers other workers, but not us: the way to it may come back.</summary>
    public TimeSpan Unreachable { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long an answer is waited for.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Other workers that are asked, at most.</summary>
    public int Witnesses { get; init; } = 2;
}
