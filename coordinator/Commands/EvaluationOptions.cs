using System.Net;
using Cluster.Coordinator.LocalWorkers;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Commands;

/// <summary>What commands that score a text have in common.</summary>
internal sealed record EvaluationOptions
{
    public required string ModelPath { get; init; }

    public required string TextPath { get; init; }

    /// <summary>Windows to score at most; null for the whole text.</summary>
    public required int? Chunks { get; init; }

    /// <summary>Tokens of a window.</summary>
    public required int Context { get; init; }

    public required LocalWorkerOptions Workers { get; init; }

    /// <summary>Its context holds a window.</summary>
    public required PlanOptions Plan { get; init; }

    public required SchedulerOptions Scheduling { get; init; }

    public required bool Json { get; init; }

    /// <summary>Where the workers find us.</summary>
    public IPEndPoint Listen { get; } = new(IPAddress.Loopback, 0);
}
