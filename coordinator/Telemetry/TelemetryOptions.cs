namespace Cluster.Coordinator.Telemetry;

/// <summary>What is told of a server's work, and to whom.</summary>
internal sealed record TelemetryOptions
{
    /// <summary>Name of the meter and of the source of traces; it tells several servers in one process apart.</summary>
    public string Scope { get; init; } = "Cluster";

    /// <summary>Where metrics and traces are sent; null: nowhere.</summary>
    public OtlpOptions? Otlp { get; init; }
}
