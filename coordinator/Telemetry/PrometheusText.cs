using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Cluster.Coordinator.Telemetry;

/// <summary>Writes metrics in Prometheus' text format 0.0.4.</summary>
internal sealed class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    public override string ToString() => _text.ToString();

    /// <summary>One metric with all its series.</summary>
    public void Add(Metric metric)
    {
        var type = metric.MetricType;
        var isCounter = type is MetricType.LongSum or MetricType.DoubleSum;
        var name = PrometheusName.Of(metric.Name, metric.Unit, isCounter);
        _text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {Escape(metric.Description, isLabel: false)}\n");
        _text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {(isCounter ? "counter" : type == MetricType.Histogram ? "histogram" : "gauge")}\n");
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            var labels = Labels(point.Tags);
            if (type == MetricType.Histogram) AddHistogram(name, labels, point);
            else AddLine(name, labels, Value(type, point));
        }
    }

    private static double Value(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => point.GetSumDouble(),
        MetricType.LongGauge => point.GetGaugeLastValueLong(),
        MetricType.DoubleGauge => point.GetGaugeLastValueDouble(),
        _ => throw new NotSupportedException($"A metric of the type {type} cannot be written."),
    };

    private void AddHistogram(string name, string labels, in MetricPoint point)
    {
        long count = 0;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            count += bucket.BucketCount;
            var bound = $"le=\"{Number(bucket.ExplicitBound)}\"";
            AddLine($"{name}_bucket", labels.Length == 0 ? bound : $"{labels},{bound}", count);
        }

        AddLine($"{name}_sum", labels, point.GetHistogramSum());
        AddLine($"{name}_count", labels, count);
    }

    private void AddLine(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0) _text.Append('{').Append(labels).Append('}');
        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Labels(ReadOnlyTagCollection tags)
    {
        var labels = new StringBuilder();
        foreach (var (key, value) in tags)
        {
            if (labels.Length > 0) labels.Append(',');
            labels.Append(PrometheusName.Word(key)).Append("=\"");
            labels.Append(Escape(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", isLabel: true)).Append('"');
        }

        return labels.ToString();
    }

    private static string Number(double value) => double.IsPositiveInfinity(value) ? "+Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Escape(string text, bool isLabel)
    {
        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return isLabel ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }
}
