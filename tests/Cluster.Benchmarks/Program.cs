using Cluster.Benchmarks.MatMul;

const string Usage = """
    usage: Cluster.Benchmarks VERB [options]
      matmul [--types T,T] [--shapes ROWSxCOLUMNS,…] [--threads N,N] [--tokens N] [--repetitions N] [--isa NAME]
             speed of matrix products beside the machine's read bandwidth
    """;

if (args is [] or ["--help"] or ["-h"])
{
    Console.WriteLine(Usage);
    return args is [] ? 2 : 0;
}

try
{
    if (args[0] != "matmul") throw new FormatException($"no verb {args[0]}");
    MatMulBenchmark.Run(MatMulBenchmarkOptions.Parse(args.AsSpan(1)));
    return 0;
}
catch (FormatException e)
{
    Console.Error.WriteLine(e.Message);
    Console.Error.WriteLine(Usage);
    return 2;
}
