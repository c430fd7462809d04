using System.Reflection;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Page;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Cluster.Coordinator.Telemetry;

/// <summary>Metrics and traces of one server: what is counted, and who is told.</summary>
internal sealed class ServerTelemetry : IDisposable
{
    private readonly ServerMeter _meter;
    private readonly RequestTraces _traces;
    private readonly MeterProvider _metricsProvider;
    private readonly TracerProvider? _tracesProvider;

    public ServerTelemetry(ServingState state, ClusterView view, TimeProvider time, TelemetryOptions options)
    {
        _meter = new ServerMeter(options.Scope, state, view);
        _traces = new RequestTraces(options.Scope);
        Requests = new RequestTelemetry(_meter, _traces, time);

        var metrics = Sdk.CreateMeterProviderBuilder().ConfigureResource(Describe).AddMeter(options.Scope).AddReader(Metrics.Reader);
        if (options.Otlp is { } otlp)
        {
            metrics.AddOtlpExporter((exporter, reader) =>
            {
                Direct(exporter, otlp, "metrics");
                if (otlp.MetricInterval is { } interval) reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)interval.TotalMilliseconds;
            });
            var traces = Sdk.CreateTracerProviderBuilder().ConfigureResource(Describe).AddSource(options.Scope).AddOtlpExporter(exporter => Direct(exporter, otlp, "traces"));
            if (otlp.SampledPart is { } part) traces.SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(part)));
            _tracesProvider = traces.Build();
        }

        _metricsProvider = metrics.Build();
    }

    public MetricsEndpoint Metrics { get; } = new();

    public RequestTelemetry Requests { get; }

    /// <summary>Sends what was not sent yet, as far as its receiver takes it within seconds.</summary>
    public void Dispose()
    {
        _tracesProvider?.Dispose();
        _metricsProvider.Dispose();
        Metrics.Dispose();
        _traces.Dispose();
        _meter.Dispose();
    }

    /// <summary>The environment's OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES come last, so that they hold.</summary>
    private static void Describe(ResourceBuilder resource) =>
        resource.AddService("cluster", serviceVersion: Assembly.GetExecutingAssembly().GetName().Version?.ToString(3)).AddEnvironmentVariableDetector();

    private static void Direct(OtlpExporterOptions exporter, OtlpOptions otlp, string signal)
    {
        if (otlp.Endpoint is not null || !OtlpOptions.HasProtocol(signal)) exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        if (otlp.EndpointOf(signal) is { } endpoint) exporter.Endpoint = endpoint;
    }
}
