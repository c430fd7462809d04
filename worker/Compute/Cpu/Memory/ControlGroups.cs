namespace Cluster.Compute.Cpu.Memory;

/// <summary>
/// Memory limits of the Linux control groups that this process is in, of either version. Sources: cgroups(7); in the kernel's
/// documentation <c>admin-guide/cgroup-v2</c> and <c>admin-guide/cgroup-v1/memory</c>.
/// </summary>
internal static class ControlGroups
{
    /// <summary>Bytes that the tightest limit leaves, file caches counted as free; null when there is no limit.</summary>
    /// <param name="root">Where /proc and /sys are.</param>
    public static long? FreeBytes(string root)
    {
        long? least = null;
        foreach (var line in ReadLines(Path.Combine(root, "proc/self/cgroup")))
        {
            // Hierarchy, controllers, path; version 2 has no controllers here.
            if (line.Split(':', 3) is not [_, var controllers, var path]) continue;

            if (controllers.Length == 0)
            {
                Consider("sys/fs/cgroup", path, "memory.max", "memory.current", "inactive_file");
                Consider("sys/fs/cgroup/unified", path, "memory.max", "memory.current", "inactive_file");
            }
            else if (controllers.Split(',').Contains("memory"))
            {
                Consider("sys/fs/cgroup/memory", path, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
            }
        }

        return least;

        // A group is held to its parents' limits too. In a container the path may be the host's: then only the mount's own files exist.
        void Consider(string mount, string path, string limitFile, string usageFile, string cacheField)
        {
            for (var group = path.Trim('/'); ; group = Path.GetDirectoryName(group) ?? "")
            {
                var directory = Path.Combine(root, mount, group);
                if (ReadNumber(Path.Combine(directory, limitFile)) is { } limit && ReadNumber(Path.Combine(directory, usageFile)) is { } usage)
                {
                    var cache = FreeMemory.Field(Path.Combine(directory, "memory.stat"), cacheField) ?? 0;
                    least = Math.Min(least ?? long.MaxValue, Math.Max(0, limit - Math.Max(0, usage - cache)));
                }

                if (group.Length == 0) break;
            }
        }
    }

    /// <summary>Null when the file is not there or says "max".</summary>
    private static long? ReadNumber(string path) => ReadLines(path) is [var line, ..] ? FreeMemory.Number(line.Trim()) : null;

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
