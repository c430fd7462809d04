using System.Net;
using Cluster.Coordinator.LocalWorkers;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Scheduling;
using Cluster.Model.Sampling;

namespace Cluster.Coordinator.Commands;

internal sealed record RunOptions
{
    public required string Prompt { get; init; }

    public required string ModelPath { get; init; }

    public required LocalWorkerOptions Workers { get; init; }

    public required PlanOptions Plan { get; init; }

    public required SchedulerOptions Scheduling { get; init; }

    public required SamplingOptions Sampling { get; init; }

    public required int MaxTokens { get; init; }

    /// <summary>File to restore the KV cache from; null for none.</summary>
    public required string? LoadCachePath { get; init; }

    /// <summary>File to save the KV cache to; null for none.</summary>
    public required string? SaveCachePath { get; init; }

    public required bool IgnoreEndOfText { get; init; }

    public required bool Json { get; init; }

    /// <summary>Where the workers find us.</summary>
    public required IPEndPoint Listen { get; init; }
}
