using System.Text.Json;
using System.Text.RegularExpressions;
using Cluster.DeployTests.Helm;
using Cluster.DeployTests.Tools;

namespace Cluster.DeployTests;

/// <summary>deploy/sbom.jq over the programs as they are built.</summary>
public sealed partial class BillOfMaterialsTests
{
    [ProgramFact("jq")]
    public async Task PackagesAreListedWithTheirHashes()
    {
        var files = new[] { Programs.Cluster, Programs.Worker }.Select(static program => $"{program}.deps.json").ToArray();
        var result = await ToolProcess.RunAsync("jq", ["-n", "--arg", "version", "1.2.3", "--from-file", DeployFiles.PathOf("sbom.jq"), .. files]);
        using var bill = JsonDocument.Parse(result.Require());
        Assert.Equal("1.2.3", bill.RootElement.GetProperty("metadata").GetProperty("component").Text("version"));

        var listed = bill.RootElement.Items("components").ToDictionary(static c => c.Text("purl"), static c => Assert.Single(c.Items("hashes")).Text("content"));
        var shipped = files.SelectMany(static file => PackagesOf(File.ReadAllText(file))).Distinct().ToDictionary();
        Assert.Contains(shipped.Keys, static purl => purl.StartsWith("pkg:nuget/Google.Protobuf@", StringComparison.Ordinal));
        Assert.Contains(shipped.Keys, static purl => purl.StartsWith("pkg:nuget/Polly.Core@", StringComparison.Ordinal)); // the worker's
        Assert.Equal(shipped.OrderBy(static p => p.Key, StringComparer.Ordinal), listed.OrderBy(static p => p.Key, StringComparer.Ordinal));
    }

    [Fact]
    public async Task TheChangesTellOfThisVersion()
    {
        var version = Version().Match(await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "Directory.Build.props"))).Groups[1].Value;
        Assert.Contains($"\n## {version}\n", await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "CHANGELOG.md")), StringComparison.Ordinal);
        Assert.Contains($"\nappVersion: \"{version}\"\n", await File.ReadAllTextAsync(Path.Combine(Chart.Folder, "Chart.yaml")), StringComparison.Ordinal);
        Assert.Contains($"${{TAG:-{version}}}", await DeployFiles.ReadAsync("compose.yaml"), StringComparison.Ordinal);
    }

    private static IEnumerable<KeyValuePair<string, string>> PackagesOf(string dependencies)
    {
        using var json = JsonDocument.Parse(dependencies);
        foreach (var library in json.RootElement.GetProperty("libraries").EnumerateObject().Where(static l => l.Value.Text("type") == "package"))
        {
            var hash = Convert.FromBase64String(library.Value.Text("sha512")["sha512-".Length..]);
            yield return new($"pkg:nuget/{library.Name.Replace('/', '@')}", Convert.ToHexStringLower(hash));
        }
    }

    [GeneratedRegex("<Version>(.+)</Version>")]
    private static partial Regex Version();
}
