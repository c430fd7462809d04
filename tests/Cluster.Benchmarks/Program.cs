using System.ComponentModel;
using Cluster.Benchmarks.Attention;
using Cluster.Benchmarks.Faults;
using Cluster.Benchmarks.MatMul;
using Cluster.Benchmarks.Network;

const string Usage = """
    usage: Cluster.Benchmarks VERB [options]
      matmul [--types T,T] [--shapes ROWSxCOLUMNS,…] [--threads N,N] [--tokens N] [--repetitions N] [--isa NAME] [--stream MIB]
             speed of matrix products beside the machine's read bandwidth
      attention [--types K/V,K/V] [--shapes HEADS/KVHEADSxHEADDIM,…] [--contexts N,N] [--threads N,N] [--chunk N] [--repetitions N]
             time of one layer's attention for one token and for a chunk of tokens
      faults [--runs N] [--workers N] [--streams N] [--tokens N] [--seed N] [--signal KILL|STOP|TERM | --partition] [--seconds N]
             harms a random worker of a server at a random token of live streams: are texts the same, and how long do they pause
             --seconds: the stop or partition (Linux, root) ends after so long, and the worker comes back
      fuzz [--minutes N] [--seed N]
             sends nonsense to every listener of a cluster that serves, as a stranger and as a peer that was let in: are texts, processes and memory as they were
      lan-switch --ports NAME,NAME,… [--rate 1gbit] [--rtt MILLISECONDS]
             makes TAP devices and carries frames between them with the rate and the delay of links (Linux, root): see deploy/simulate.sh
    """;

if (args is [] or ["--help"] or ["-h"])
{
    Console.WriteLine(Usage);
    return args is [] ? 2 : 0;
}

try
{
    switch (args[0])
    {
        case "matmul":
            MatMulBenchmark.Run(MatMulBenchmarkOptions.Parse(args.AsSpan(1)));
            return 0;
        case "attention":
            AttentionBenchmark.Run(AttentionBenchmarkOptions.Parse(args.AsSpan(1)));
            return 0;
        case "faults":
            return await FaultBenchmark.RunAsync(FaultBenchmarkOptions.Parse(args.AsSpan(1))) ? 0 : 1;
        case "fuzz":
            return await FuzzBenchmark.RunAsync(args[1..]) ? 0 : 1;
        case "lan-switch":
            using (var lan = new LanSwitch(LanSwitchOptions.Parse(args.AsSpan(1)))) lan.Run();
            return 0;
        default:
            throw new FormatException($"no verb {args[0]}");
    }
}
catch (FormatException e)
{
    Console.Error.WriteLine(e.Message);
    Console.Error.WriteLine(Usage);
    return 2;
}
catch (Win32Exception e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
