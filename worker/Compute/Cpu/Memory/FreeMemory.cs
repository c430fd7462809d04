using System.Globalization;

namespace Cluster.Compute.Cpu.Memory;

/// <summary>Memory that this process could really still take.</summary>
internal static class FreeMemory
{
    /// <summary>Bytes that are free now.</summary>
    public static long Bytes()
    {
        if (OperatingSystem.IsLinux() && LinuxBytes("/") is { } bytes) return bytes;

        var memory = GC.GetGCMemoryInfo(GCKind.Any);
        return Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes);
    }

    /// <summary>
    /// The least of what the kernel has available (free, or held by caches that it would drop) and what the control groups leave;
    /// null when the kernel does not say.
    /// </summary>
    /// <param name="root">Where /proc and /sys are.</param>
    public static long? LinuxBytes(string root)
    {
        if (Field(Path.Combine(root, "proc/meminfo"), "MemAvailable:") is not { } kibibytes) return null;

        return Math.Min(kibibytes * 1024, ControlGroups.FreeBytes(root) ?? long.MaxValue);
    }

    /// <summary>The number behind a name, in a file with a name and a number a line; null when there is none.</summary>
    internal static long? Field(string path, string name)
    {
        try
        {
            foreach (var line in File.ReadLines(path))
            {
                var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (words.Length > 1 && words[0] == name) return Number(words[1]);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not there, or not for us.
        }

        return null;
    }

    internal static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
