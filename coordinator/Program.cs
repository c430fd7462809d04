using Cluster.Coordinator.Commands;

using var interruption = new Interruption();
var exitCode = await CommandLineProgram.RunAsync(args, Terminal.System, interruption.Token).ConfigureAwait(false);
return exitCode == ExitCodes.Interrupted ? interruption.ExitCode : exitCode;
