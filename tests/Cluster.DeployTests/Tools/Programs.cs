using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Cluster.DeployTests.Tools;

/// <summary>The built programs, and the options that they know.</summary>
internal static partial class Programs
{
    // Test assemblies and programs are built side by side: artifacts/bin/PROJECT/CONFIGURATION.
    private static readonly string s_folder = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Cluster.Coordinator", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/', '\\'))));

    private static readonly ConcurrentDictionary<string, Task<HashSet<string>>> s_options = new();

    public static string Cluster { get; } = Path.Combine(s_folder, OperatingSystem.IsWindows() ? "cluster.exe" : "cluster");

    public static string Worker { get; } = Path.Combine(s_folder, "worker", OperatingSystem.IsWindows() ? "cluster-worker.exe" : "cluster-worker");

    /// <summary>Options of a command, as its help lists them.</summary>
    public static Task<HashSet<string>> OptionsAsync(string program, params string[] command) =>
        s_options.GetOrAdd(string.Join(' ', [program, .. command]), _ => ReadOptionsAsync(program, command));

    /// <summary>Those of some arguments that a command does not know.</summary>
    public static async Task<string[]> UnknownAsync(IEnumerable<string> arguments, string program, params string[] command)
    {
        var known = await OptionsAsync(program, command);
        return [.. arguments.Where(static a => a.StartsWith("--", StringComparison.Ordinal)).Select(static a => a.Split('=')[0]).Where(o => !known.Contains(o))];
    }

    private static async Task<HashSet<string>> ReadOptionsAsync(string program, string[] command)
    {
        var help = await ToolProcess.RunAsync(program, [.. command, "--help"]);
        return [.. Option().Matches(help.Require()).Select(static match => match.Value)];
    }

    [GeneratedRegex(@"(?<=^  .*)--[a-z][a-z-]*", RegexOptions.Multiline)]
    private static partial Regex Option();
}
