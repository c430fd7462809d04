using Cluster.Coordinator.Commands;

using var interruption = new Interruption();
return await CommandLineProgram.RunAsync(args, Terminal.System, interruption.Token);
