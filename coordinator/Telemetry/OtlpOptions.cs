namespace Cluster.Coordinator.Telemetry;

/// <summary>Where metrics and traces go by OTLP.</summary>
internal sealed record OtlpOptions
{
    private const string Prefix = "OTEL_EXPORTER_OTLP_";

    private static readonly string[] s_endpoints = ["ENDPOINT", "TRACES_ENDPOINT", "METRICS_ENDPOINT"];

    /// <summary>The collector's root, over http/protobuf; null: what the standard environment variables say.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Part of the requests that are traced, from 0 to 1, unless their client has decided; null: what OTEL_TRACES_SAMPLER says, else all.</summary>
    public double? SampledPart { get; init; }

    /// <summary>Time between two exports of metrics; null: what OTEL_METRIC_EXPORT_INTERVAL says, else a minute.</summary>
    public TimeSpan? MetricInterval { get; init; }

    /// <summary>By the option, else by the environment; null where neither names an endpoint.</summary>
    public static OtlpOptions? Choose(Uri? endpoint, double? sampledPart) =>
        endpoint is not null || Array.Exists(s_endpoints, name => Variable(name) is not null) ? new() { Endpoint = endpoint, SampledPart = sampledPart } : null;

    /// <summary>Where one kind of telemetry goes; null: what the environment says.</summary>
    public Uri? EndpointOf(string signal) => Endpoint is null ? null : new Uri($"{Endpoint.ToString().TrimEnd('/')}/v1/{signal}");

    /// <summary>Whether the environment chooses how messages are carried.</summary>
    public static bool HasProtocol(string signal) => (Variable("PROTOCOL") ?? Variable($"{signal.ToUpperInvariant()}_PROTOCOL")) is not null;

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(Prefix + name) is { Length: > 0 } value ? value : null;
}
