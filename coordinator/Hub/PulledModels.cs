using Cluster.Model.Folders;

namespace Cluster.Coordinator.Hub;

/// <summary>The folder that pulled models are kept in, by repository.</summary>
internal static class PulledModels
{
    private static string Folder => CacheFolder.Of("models");

    /// <summary>Where a file is kept.</summary>
    public static string PathOf(string repository, string file) => Path.Combine([Folder, .. repository.Split('/'), .. file.Split('/')]);

    /// <summary>A model that was pulled before.</summary>
    /// <exception cref="ClusterException">It was not, or there are several.</exception>
    public static string Find(HubReference reference)
    {
        var folder = Path.Combine([Folder, .. reference.Repository.Split('/')]);
        var files = Directory.Exists(folder)
            ? new DirectoryInfo(folder).EnumerateFiles("*.gguf", SearchOption.AllDirectories)
                .Select(file => new HubFile(Path.GetRelativePath(folder, file.FullName).Replace(Path.DirectorySeparatorChar, '/'), file.Length, null))
                .OrderBy(file => file.Path, StringComparer.Ordinal)
                .ToList()
            : [];
        if (files.Count == 0) throw new ClusterException($"{reference} is not on this machine: 'cluster pull {reference}' fetches it");
        return PathOf(reference.Repository, HubFileChoice.Choose(reference, files).Path);
    }
}
