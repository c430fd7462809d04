using System.Text;
using Microsoft.AspNetCore.Http;
using OpenTelemetry.Metrics;

namespace Cluster.Coordinator.Telemetry;

/// <summary><c>GET /metrics</c>: all instruments, collected for each question.</summary>
internal sealed class MetricsEndpoint : IDisposable
{
    private readonly Lock _lock = new();
    private readonly PrometheusExporter _exporter = new();

    public MetricsEndpoint() => Reader = new BaseExportingMetricReader(_exporter);

    /// <summary>To be given to the provider of metrics.</summary>
    public BaseExportingMetricReader Reader { get; }

    /// <summary>The metrics as they are now, in Prometheus' text format.</summary>
    public string Collect()
    {
        lock (_lock)
        {
            Reader.Collect();
            return _exporter.Text;
        }
    }

    public void Dispose()
    {
        Reader.Dispose();
        _exporter.Dispose();
    }

    public Task WriteAsync(HttpContext context)
    {
        var text = Encoding.UTF8.GetBytes(Collect());
        context.Response.ContentType = PrometheusText.ContentType;
        context.Response.ContentLength = text.Length;
        return context.Response.Body.WriteAsync(text, context.RequestAborted).AsTask();
    }
}
