using System.Text.RegularExpressions;
using Cluster.DeployTests.Helm;
using Cluster.DeployTests.Tools;

namespace Cluster.DeployTests.Machines;

/// <summary>deploy/simulate.sh stands in for a cluster of machines only if it starts what the chart starts.</summary>
[Collection(ToolsCollection.Name)]
public sealed partial class SimulationTests
{
    [HelmTheory]
    [InlineData("coordinator", @"/cluster"" serve(?<arguments>(.|\\\n)*?)\n")]
    [InlineData("worker", @"/cluster-worker""(?<arguments>(.|\\\n)*?)\n")]
    public async Task ItsArgumentsAreTheChartsOwn(string container, string pattern)
    {
        var arguments = Option().Matches(Regex.Match(await DeployFiles.ReadAsync("simulate.sh"), pattern).Groups["arguments"].Value).Select(static m => m.Value).ToArray();
        Assert.NotEmpty(arguments);

        var charts = new HashSet<string>();
        foreach (var set in new[] { "three-workers", "nvidia" })
        {
            var pods = (await Chart.ObjectsAsync(set)).Select(static o => o.PodSpec()).OfType<System.Text.Json.JsonElement>();
            foreach (var c in pods.SelectMany(static p => p.Items("containers")).Where(c => c.Text("name") == container))
                charts.UnionWith(c.Arguments().Select(static a => a.Split('=')[0]));
        }

        Assert.Subset(charts, arguments.ToHashSet());
    }

    [GeneratedRegex("--[a-z-]+(?==)")]
    private static partial Regex Option();
}
