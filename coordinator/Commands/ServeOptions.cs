using System.Net;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.LocalWorkers;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Scheduling;
using Cluster.Coordinator.Security;
using Cluster.Coordinator.Telemetry;

namespace Cluster.Coordinator.Commands;

internal sealed record ServeOptions
{
    public required string ModelPath { get; init; }

    /// <summary>Workers to wait for, local ones included.</summary>
    public required int Workers { get; init; }

    /// <summary>Null: all come from elsewhere.</summary>
    public required LocalWorkerOptions? LocalWorkers { get; init; }

    public required PlanOptions Plan { get; init; }

    public required SchedulerOptions Scheduling { get; init; }

    /// <summary>Folder that clients may save slots to and restore them from; null: they may not.</summary>
    public required string? SlotFolder { get; init; }

    /// <summary>Name of a built-in chat template or path of a file; null: the model's own.</summary>
    public required string? ChatTemplate { get; init; }

    public required ApiOptions Api { get; init; }

    /// <summary>Where metrics and traces are sent; null: nowhere.</summary>
    public OtlpOptions? Otlp { get; init; }

    /// <summary>How long requests wait after workers were lost.</summary>
    public required TimeSpan RecoveryTimeout { get; init; }

    /// <summary>Where the cluster's authority is; null for plain text.</summary>
    public SecurityFolder? Security { get; init; }

    public required IPEndPoint ClusterListen { get; init; }
}
