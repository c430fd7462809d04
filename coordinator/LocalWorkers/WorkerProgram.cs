using System.Diagnostics;

namespace Cluster.Coordinator.LocalWorkers;

/// <summary>Finds the worker program and says how to start it.</summary>
internal static class WorkerProgram
{
    private const string Name = "cluster-worker";

    /// <exception cref="FileNotFoundException">It is not in the folder.</exception>
    public static ProcessStartInfo Find(string folder)
    {
        var executable = Path.Combine(folder, OperatingSystem.IsWindows() ? $"{Name}.exe" : Name);
        if (File.Exists(executable)) return new ProcessStartInfo(executable);

        // A build without an executable of its own runs under the runtime that runs this program.
        var assembly = Path.Combine(folder, $"{Name}.dll");
        if (File.Exists(assembly) && Environment.ProcessPath is { } runtime && Path.GetFileNameWithoutExtension(runtime) == "dotnet")
            return new ProcessStartInfo(runtime) { ArgumentList = { assembly } };

        throw new FileNotFoundException($"the worker program is not at {executable}", executable);
    }
}
