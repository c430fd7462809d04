using System.Text.Json;

namespace Cluster.DeployTests.Helm;

/// <summary>Walking through manifests.</summary>
internal static class JsonPaths
{
    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : [];

    public static string Name(this JsonElement manifest) => manifest.GetProperty("metadata").Text("name");

    public static bool Is(this JsonElement manifest, params string[] kinds) => kinds.Contains(manifest.Text("kind"));

    /// <summary>Specification of the pods that an object makes, or of itself; null when it is none of those.</summary>
    public static JsonElement? PodSpec(this JsonElement manifest) => manifest.Text("kind") switch
    {
        "Pod" => manifest.GetProperty("spec"),
        "Deployment" or "StatefulSet" => manifest.GetProperty("spec").GetProperty("template").GetProperty("spec"),
        _ => null,
    };

    public static string[] Arguments(this JsonElement container) => [.. container.Items("args").Select(static a => a.GetString()!)];

    public static Dictionary<string, string> Strings(this JsonElement element) =>
        element.EnumerateObject().ToDictionary(static p => p.Name, static p => p.Value.GetString()!);
}
