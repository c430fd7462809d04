using System.CommandLine;
using Cluster.Coordinator.LocalWorkers;
using Cluster.Model.Processors;

namespace Cluster.Coordinator.Commands;

/// <summary>The options of commands that start worker processes.</summary>
internal sealed class LocalWorkerOptionSet(string countDescription, int least)
{
    private readonly Option<int?> _count = ArgumentParsers.WholeNumber("--local-workers", "N", countDescription, least, most: 256);
    private readonly Option<int?> _threads = ArgumentParsers.WholeNumber(
        "--threads", "N", "Threads of each local worker [default: the processor's, shared out]", most: 1024);

    private readonly Option<CpuList?> _cpus = CpuOption();

    private readonly Option<string?> _devices = DeviceOption();

    public static Option<string?> DeviceOption() => new("--device")
    {
        Description = "What local workers compute with, as 'cluster devices' lists: one for all, or one for each, separated by commas [default: cpu]",
        HelpName = "DEVICES",
    };

    public static Option<CpuList?> CpuOption() => ArgumentParsers.Cpus(
        "--cpus", "Processors shared out among the local workers, their threads tied to one each, as in 0-3,6 [default: the system chooses]");

    /// <exception cref="UsageException">Neither one device nor one for each worker.</exception>
    public static string[] Devices(string? given, int workers)
    {
        var devices = (given ?? "cpu").Split(',', StringSplitOptions.TrimEntries);
        return devices.Length == 1 || devices.Length == workers
            ? devices
            : throw new UsageException($"--device names {devices.Length} devices for {workers} local worker{(workers == 1 ? "" : "s")}");
    }

    public void AddTo(Command command)
    {
        command.Add(_count);
        command.Add(_devices);
        command.Add(_threads);
        command.Add(_cpus);
    }

    public int? Count(ParseResult parse) => parse.GetValue(_count);

    /// <summary>Workers that together have as many threads as there are processors for them.</summary>
    /// <exception cref="UsageException">Neither one device nor one for each worker.</exception>
    public LocalWorkerOptions Options(ParseResult parse, int workers)
    {
        var cpus = parse.GetValue(_cpus);
        var processors = cpus?.Numbers.Length ?? Environment.ProcessorCount;
        return new LocalWorkerOptions(workers, parse.GetValue(_threads) ?? Math.Max(1, processors / Math.Max(1, workers)))
        {
            Cpus = cpus,
            Devices = Devices(parse.GetValue(_devices), workers),
        };
    }
}
