using System.Diagnostics;

namespace Cluster.IntegrationTests.Running;

/// <summary>The built coordinator program, run as a user would.</summary>
internal static class ClusterProgram
{
    // Test assemblies and programs are built side by side: artifacts/bin/PROJECT/CONFIGURATION.
    private static readonly string Folder = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Cluster.Coordinator", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/', '\\'))));

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static ProgramResult Run(params string[] arguments) => RunWith("", arguments);

    /// <summary>With a script on standard input.</summary>
    public static ProgramResult RunWith(string input, params string[] arguments)
    {
        using var process = Start(arguments);
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"cluster {string.Join(' ', arguments)} ran past {Limit}.");
        }

        return new ProgramResult(process.ExitCode, output.Result, errors.Result);
    }

    public static Process Start(params string[] arguments) => Start(Path.Combine(Folder, "cluster"), arguments);

    /// <summary>A worker, as on a machine of its own.</summary>
    public static Process StartWorker(params string[] arguments) => Start(Path.Combine(Folder, "worker", "cluster-worker"), arguments);

    private static Process Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? program + ".exe" : program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
