using System.CommandLine;
using Cluster.Coordinator.LocalWorkers;

namespace Cluster.Coordinator.Commands;

/// <summary>The options of commands that start worker processes.</summary>
internal sealed class LocalWorkerOptionSet(string countDescription, int least)
{
    private readonly Option<int?> _count = ArgumentParsers.WholeNumber("--local-workers", "N", countDescription, least, most: 256);
    private readonly Option<int?> _threads = ArgumentParsers.WholeNumber(
        "--threads", "N", "Threads of each local worker [default: the processor's, shared out]", most: 1024);

    private readonly Option<string?> _devices = DeviceOption();

    public static Option<string?> DeviceOption() => new("--device")
    {
        Description = "What local workers compute with, as 'cluster devices' lists: one for all, or one for each, separated by commas [default: cpu]",
        HelpName = "DEVICES",
    };

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
    }

    public int? Count(ParseResult parse) => parse.GetValue(_count);

    /// <exception cref="UsageException">Neither one device nor one for each worker.</exception>
    public LocalWorkerOptions Options(ParseResult parse, int workers) =>
        new(workers, Threads(parse, workers)) { Devices = Devices(parse.GetValue(_devices), workers) };

    private int Threads(ParseResult parse, int workers) => parse.GetValue(_threads) ?? Math.Max(1, Environment.ProcessorCount / Math.Max(1, workers));
}
