using System.CommandLine;

namespace Cluster.Coordinator.Commands;

/// <summary>The options of commands that start worker processes.</summary>
internal sealed class LocalWorkerOptionSet(string countDescription, int least)
{
    private readonly Option<int?> _count = ArgumentParsers.WholeNumber("--local-workers", "N", countDescription, least, most: 256);
    private readonly Option<int?> _threads = ArgumentParsers.WholeNumber(
        "--threads", "N", "Threads of each local worker [default: the processor's, shared out]", most: 1024);

    public void AddTo(Command command)
    {
        command.Add(_count);
        command.Add(_threads);
    }

    public int? Count(ParseResult parse) => parse.GetValue(_count);

    public int Threads(ParseResult parse, int workers) => parse.GetValue(_threads) ?? Math.Max(1, Environment.ProcessorCount / Math.Max(1, workers));
}
