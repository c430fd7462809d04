using System.Collections.Concurrent;
using System.Text.Json;
using Cluster.DeployTests.Tools;

namespace Cluster.DeployTests.Helm;

/// <summary>The chart, rendered by Helm.</summary>
internal static class Chart
{
    public static string Folder { get; } = Path.Combine(RepositoryFiles.Root, "helm", "cluster");

    public static string ValuesFolder { get; } = Path.Combine(AppContext.BaseDirectory, "Helm", "Values");

    public static TheoryData<string> ValueSets { get; } =
        [.. Directory.GetFiles(ValuesFolder, "*.yaml").Select(Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal)];

    private static readonly ConcurrentDictionary<string, Task<JsonElement[]>> s_objects = new();

    public static string ValuesFile(string set) => Path.Combine(ValuesFolder, $"{set}.yaml");

    public static Task<ToolResult> TemplateAsync(params string[] arguments) => TemplateAsync(Folder, arguments);

    public static Task<ToolResult> TemplateAsync(string chart, string[] arguments) =>
        ToolProcess.RunAsync(NodeChecks.Helm, ["template", "rel", chart, "--namespace", "ns", .. arguments]);

    public static async Task<string> RenderAsync(string set) => (await TemplateAsync("--values", ValuesFile(set))).Require();

    /// <summary>The objects of a value set, rendered once for all tests.</summary>
    public static Task<JsonElement[]> ObjectsAsync(string set) => s_objects.GetOrAdd(set, MakeObjectsAsync);

    private static async Task<JsonElement[]> MakeObjectsAsync(string set) =>
        [.. (await NodeChecks.RunAsync("documents", await RenderAsync(set))).EnumerateArray()];

    /// <summary>A copy of the chart that a test may spoil.</summary>
    public static string Copy()
    {
        var copy = Directory.CreateTempSubdirectory("cluster-chart-").FullName;
        foreach (var file in Directory.GetFiles(Folder, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }
}
