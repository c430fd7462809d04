namespace Cluster.Compute.Gpu;

/// <summary>The kernels' source files in this assembly.</summary>
internal static class KernelFiles
{
    /// <summary>The files whose resources' names begin so, by the rest of that name, in its order.</summary>
    public static IReadOnlyList<(string Name, byte[] Text)> Read(string prefix)
    {
        var assembly = typeof(KernelFiles).Assembly;
        var files = new List<(string Name, byte[] Text)>();
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            if (!resource.StartsWith(prefix, StringComparison.Ordinal)) continue;
            using var stream = assembly.GetManifestResourceStream(resource)!;
            var text = new byte[stream.Length];
            stream.ReadExactly(text);
            files.Add((resource[prefix.Length..], text));
        }

        files.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return files;
    }
}
