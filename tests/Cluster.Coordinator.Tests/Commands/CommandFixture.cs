using Cluster.Coordinator.Commands;

namespace Cluster.Coordinator.Tests.Commands;

/// <summary>Runs the program in this process.</summary>
internal static class CommandFixture
{
    public static async Task<(int ExitCode, string Out, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await CommandLineProgram.RunAsync(arguments, new Terminal(output, error, IsErrorInteractive: false), CancellationToken.None);
        return (exitCode, output.ToString(), error.ToString());
    }
}
