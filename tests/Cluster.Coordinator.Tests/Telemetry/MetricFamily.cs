namespace Cluster.Coordinator.Tests.Telemetry;

/// <summary>A metric as Prometheus' text format gives it.</summary>
/// <param name="Name">Of the family.</param>
/// <param name="Type">counter, gauge or histogram.</param>
/// <param name="Samples">Each series' name, labels and value, in order.</param>
internal sealed record MetricFamily(string Name, string Type, List<(string Name, Dictionary<string, string> Labels, double Value)> Samples)
{
    /// <summary>The value of the one series with these labels among its own.</summary>
    public double Value(params (string Name, string Value)[] labels) =>
        Samples.Single(sample => labels.All(label => sample.Labels.GetValueOrDefault(label.Name) == label.Value)).Value;
}
