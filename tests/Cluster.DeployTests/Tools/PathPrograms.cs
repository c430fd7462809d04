namespace Cluster.DeployTests.Tools;

/// <summary>Programs of this machine.</summary>
internal static class PathPrograms
{
    /// <summary>What to say of a program that is not there; null when it is.</summary>
    public static string? Missing(string program)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return OperatingSystem.IsLinux() && folders.Any(folder => File.Exists(Path.Combine(folder, program))) ? null : $"{program} is not on this machine";
    }
}
