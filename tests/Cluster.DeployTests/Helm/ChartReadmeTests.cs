using System.Text.Json;
using System.Text.RegularExpressions;
using Cluster.DeployTests.Tools;

namespace Cluster.DeployTests.Helm;

/// <summary>The chart's README lists every value, and no other, with its default.</summary>
[Collection(ToolsCollection.Name)]
public sealed partial class ChartReadmeTests
{
    /// <summary>Values that the table has one line for as a whole.</summary>
    private static readonly HashSet<string> s_whole =
        ["coordinator.resources", "model.download.resources", "podSecurityContext", "securityContext", "workerDefaults.images"];

    [Fact]
    public async Task EveryValueIsListedWithItsDefault()
    {
        var values = (await NodeChecks.RunAsync("documents", await File.ReadAllTextAsync(Path.Combine(Chart.Folder, "values.yaml"))))[0];
        var listed = Row().Matches(await File.ReadAllTextAsync(Path.Combine(Chart.Folder, "README.md")))
            .ToDictionary(static row => row.Groups[1].Value, static row => row.Groups[2].Value);

        var leaves = Leaves(values, "").ToDictionary(static leaf => leaf.Path, static leaf => leaf.Value);
        Assert.Equal(leaves.Keys.Order(StringComparer.Ordinal), listed.Keys.Order(StringComparer.Ordinal));
        foreach (var (path, value) in leaves.Where(leaf => !s_whole.Contains(leaf.Key) && leaf.Key != "workers"))
            Assert.Equal((path, Plain(value)), (path, listed[path].Trim('`', '"')));
    }

    [Fact]
    public async Task EveryValueOfAPoolIsListed()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Chart.Folder, "README.md"));
        var pools = readme[readme.IndexOf("### Pools", StringComparison.Ordinal)..];
        using var schema = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Chart.Folder, "values.schema.json")));
        var worker = schema.RootElement.GetProperty("properties").GetProperty("workers").GetProperty("items").GetProperty("properties");
        Assert.All(worker.EnumerateObject(), property => Assert.Contains($"`{property.Name}`", pools, StringComparison.Ordinal));
    }

    private static IEnumerable<(string Path, JsonElement Value)> Leaves(JsonElement values, string prefix)
    {
        foreach (var value in values.EnumerateObject())
        {
            var path = prefix + value.Name;
            if (value.Value.ValueKind == JsonValueKind.Object && value.Value.EnumerateObject().Any() && !s_whole.Contains(path))
            {
                foreach (var leaf in Leaves(value.Value, $"{path}.")) yield return leaf;
            }
            else
            {
                yield return (path, value.Value);
            }
        }
    }

    /// <summary>A default as the table writes it.</summary>
    private static string Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray())}]",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => value.GetRawText(),
    };

    [GeneratedRegex(@"^\| `([^`]+)` \| ([^|]+) \|[^|]*\|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
