using System.Text.Json;
using System.Text.RegularExpressions;
using Cluster.DeployTests.Helm;
using Cluster.DeployTests.Tools;

namespace Cluster.DeployTests.Monitoring;

/// <summary>The dashboard asks for metrics that there are. Another test holds docs/metrics.md to what /metrics answers.</summary>
[Collection(ToolsCollection.Name)]
public sealed partial class DashboardTests
{
    [Fact]
    public async Task QueriesAreRightAndTheirMetricsAreListed()
    {
        var metrics = await MetricsAsync();
        var queries = (await QueriesAsync(await DeployFiles.ReadAsync("grafana", "cluster.json"))).ToArray();
        Assert.NotEmpty(queries);
        foreach (var query in queries)
        {
            Assert.True(query.GetProperty("isValid").GetBoolean(), query.Text("expression"));
            Assert.NotEmpty(query.Items("metrics"));
            foreach (var metric in query.Items("metrics"))
                Assert.True(metrics.ContainsKey(metric.GetString()!), $"{metric} is not in docs/metrics.md");
            var labels = query.Items("metrics").SelectMany(m => metrics[m.GetString()!]).ToHashSet();
            Assert.All(query.Items("labels"), label => Assert.Contains(label.GetString()!, labels));
        }
    }

    [Fact]
    public async Task EveryMetricOfTheClusterIsShown()
    {
        var shown = (await QueriesAsync(await DeployFiles.ReadAsync("grafana", "cluster.json"))).SelectMany(static q => q.Items("metrics")).Select(static m => m.GetString()!).ToHashSet();
        string[] left = ["cluster_http_active_requests", "cluster_prefix_cache_lookups_total"];
        Assert.Empty((await MetricsAsync()).Keys.Where(static m => m.StartsWith("cluster_", StringComparison.Ordinal)).Except(shown).Except(left));
    }

    [Theory]
    [InlineData("rate(cluster_generated_tokens_total[1m)", false)]
    [InlineData("sum by (status (up))", false)]
    [InlineData("sum by (status) (rate(cluster_http_requests_total[1m]))", true)]
    public async Task TheGrammarIsPrometheus(string query, bool isValid)
    {
        var read = await NodeChecks.RunAsync("promql", JsonSerializer.Serialize(new[] { query }));
        Assert.Equal(isValid, read[0].GetProperty("isValid").GetBoolean());
    }

    private static async Task<IEnumerable<JsonElement>> QueriesAsync(string dashboard)
    {
        using var json = JsonDocument.Parse(dashboard);
        var expressions = json.RootElement.Items("panels").SelectMany(static p => p.Items("targets")).Select(static t => t.Text("expr")).ToArray();
        return (await NodeChecks.RunAsync("promql", JsonSerializer.Serialize(expressions))).EnumerateArray();
    }

    /// <summary>Labels of each metric that docs/metrics.md lists, by the names of its series.</summary>
    private static async Task<Dictionary<string, string[]>> MetricsAsync()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "docs", "metrics.md"));
        var metrics = new Dictionary<string, string[]>();
        foreach (Match row in Row().Matches(text))
        {
            var name = row.Groups["name"].Value;
            string[] labels = [.. Word().Matches(row.Groups["labels"].Value).Select(static w => w.Value)];
            if (row.Groups["type"].Value != "histogram") metrics[name] = labels;
            else
                foreach (var part in (ReadOnlySpan<string>)["_bucket", "_sum", "_count"]) metrics[name + part] = part == "_bucket" ? [.. labels, "le"] : labels;
        }

        return metrics;
    }

    [GeneratedRegex(@"^\| `(?<name>[a-z_0-9]+)` \| (?<type>\w+) \|(?<labels>[^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"[a-z_]+")]
    private static partial Regex Word();
}
