using Cluster.Worker.CommandLine;
using Cluster.Worker.Hosting;

return await CommandLineProgram.RunAsync(args, Console.Out, Console.Error, WorkerProgram.RunAsync).ConfigureAwait(false);
