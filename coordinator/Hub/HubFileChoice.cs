namespace Cluster.Coordinator.Hub;

/// <summary>Which file of a repository is meant.</summary>
internal static class HubFileChoice
{
    /// <exception cref="ClusterException">None, or more than one; it lists what there is.</exception>
    public static HubFile Choose(HubReference reference, IReadOnlyList<HubFile> files)
    {
        var models = files.Where(file => file.Path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) && HubReference.IsSafe(file.Path)).ToList();
        if (reference.File is not { } name) return Only(models, $"{reference} has");
        return models.Find(file => file.Path == name)
            ?? Only([.. models.Where(file => file.Path.Contains(name, StringComparison.OrdinalIgnoreCase))], $"'{name}' is in the name of", models);
    }

    private static HubFile Only(List<HubFile> candidates, string what, List<HubFile>? all = null) => candidates.Count switch
    {
        1 => candidates[0],
        0 => throw new ClusterException($"{what} no GGUF file{(all is { Count: > 0 } ? $"; there are {Names(all)}" : "")}"),
        var count => throw new ClusterException($"{what} {count} GGUF files; name one of them after a colon: {Names(candidates)}"),
    };

    private static string Names(List<HubFile> files) => string.Join(", ", files.Select(file => file.Path));
}
