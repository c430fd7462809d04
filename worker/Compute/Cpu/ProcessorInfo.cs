using System.Runtime.InteropServices;

namespace Cluster.Compute.Cpu;

/// <summary>What the system tells of the processor.</summary>
internal static class ProcessorInfo
{
    private const string LinuxDescription = "/proc/cpuinfo";

    /// <summary>The product's name where the system tells, else the architecture.</summary>
    public static string Name()
    {
        if (File.Exists(LinuxDescription) && NameIn(File.ReadLines(LinuxDescription)) is { } name) return name;
        return $"{RuntimeInformation.ProcessArchitecture} processor";
    }

    /// <summary>The name in a Linux processor description: its first line that holds one.</summary>
    public static string? NameIn(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0) continue;
            var value = line[(colon + 1)..].Trim();
            if (line[..colon].Trim() is "model name" or "Model" or "Hardware" && value.Length > 0) return value;
        }

        return null;
    }
}
