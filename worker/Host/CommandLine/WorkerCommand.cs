using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Cluster.Model.Folders;
using Cluster.Model.Processors;
using Microsoft.Extensions.Logging;

namespace Cluster.Worker.CommandLine;

/// <summary>The command line of <c>cluster-worker</c>.</summary>
internal sealed class WorkerCommand
{
    private const int MaxThreads = 1024;

    private readonly Option<HostPort> _coordinator = Address("--coordinator", "Where the coordinator is");
    private readonly Option<HostPort> _listen = Address("--listen", "IP address to listen on; port 0 lets the system choose one");
    private readonly Option<HostPort?> _advertise = OptionalAddress(
        "--advertise", "Where the coordinator and other workers reach this one [default: where it listens]");

    private readonly Option<string?> _name = new("--name")
    {
        Description = "Name of this worker, unique among the coordinator's [default: the machine's name and the process id]",
        HelpName = "NAME",
    };

    private readonly Option<int?> _threads = new("--threads")
    {
        Description = "Compute threads of a CPU device [default: every core, or as many as --cpus]",
        HelpName = "N",
        CustomParser = ParseThreads,
    };

    private readonly Option<CpuList?> _cpus = new("--cpus")
    {
        Description = "Processors that the compute threads are tied to, one each, as in 0-3,6 [default: the system chooses]",
        HelpName = "LIST",
        CustomParser = ParseCpus,
    };

    private readonly Option<string> _device = new("--device")
    {
        Description = "Device that computes: cpu, cuda:0 …, as 'cluster devices' lists",
        HelpName = "DEVICE",
        DefaultValueFactory = _ => "cpu",
    };

    private readonly Option<string?> _model = new("--model")
    {
        Description = "This worker's copy of the model file [default: the path that the coordinator names, or what it sends]",
        HelpName = "FILE",
    };

    private readonly Option<bool> _fetchModel = new("--fetch-model")
    {
        Description = "Have the coordinator send what is needed of the model, even where the path that it names exists",
    };

    private readonly Option<DirectoryInfo?> _cacheFolder = new("--cache-dir")
    {
        Description = "Where models that the coordinator sends are kept [default: the user's cache folder]",
        HelpName = "FOLDER",
    };

    private readonly Option<int?> _cacheSize = new("--cache-size")
    {
        Description = "GiB that they may take; those that were used longest ago are deleted [default: no limit]",
        HelpName = "GIB",
        CustomParser = ParseCacheSize,
    };

    private readonly SecurityOptionSet _security = new();

    private readonly Option<bool> _exitOnDisconnect = new("--exit-on-disconnect")
    {
        Description = "End when the coordinator ends, instead of waiting for it to come back",
    };

    private readonly Option<LogLevel?> _logLevel = new("--log-level")
    {
        Description = "Least severity that is logged: trace, debug, information, warning, error, critical, none [default: warning]",
        HelpName = "LEVEL",
        CustomParser = ParseLogLevel,
    };

    public WorkerCommand(Func<WorkerOptions, CancellationToken, Task<int>> run, TextWriter output)
    {
        _coordinator.Required = true;
        _listen.DefaultValueFactory = _ => new HostPort("127.0.0.1", 0);
        _listen.CustomParser = ParseOwnAddress;
        Root = new RootCommand("Computes a shard of a model for a Cluster coordinator.")
        {
            _coordinator, _listen, _advertise, _name, _threads, _cpus, _device, _model, _fetchModel, _cacheFolder, _cacheSize,
            _exitOnDisconnect, _logLevel,
            new DevicesCommand(output).Build(),
        };
        _security.AddTo(Root);
        Root.SetAction((parse, cancellationToken) => run(Read(parse), cancellationToken));
    }

    public RootCommand Root { get; }

    private static Option<HostPort> Address(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "HOST:PORT",
        CustomParser = result => Parse(result) ?? default,
    };

    private static Option<HostPort?> OptionalAddress(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "HOST:PORT",
        CustomParser = Parse,
    };

    private static HostPort? Parse(ArgumentResult result)
    {
        if (HostPort.TryParse(Text(result), out var address)) return address;
        result.AddError($"'{Text(result)}' is not HOST:PORT");
        return null;
    }

    private static HostPort ParseOwnAddress(ArgumentResult result)
    {
        if (Parse(result) is not { } address) return default;
        if (address.Host != "localhost" && !IPAddress.TryParse(address.Host.Trim('[', ']'), out _))
            result.AddError($"'{address.Host}' is not an IP address of this machine, nor localhost");
        return address;
    }

    private static int? ParseThreads(ArgumentResult result)
    {
        if (int.TryParse(Text(result), out var threads) && threads is >= 1 and <= MaxThreads) return threads;
        result.AddError($"'{Text(result)}' is not a number of threads from 1 to {MaxThreads}");
        return null;
    }

    private static int? ParseCacheSize(ArgumentResult result)
    {
        if (int.TryParse(Text(result), out var gibibytes) && gibibytes is >= 1 and <= 1 << 20) return gibibytes;
        result.AddError($"'{Text(result)}' is not a number of GiB from 1 to {1 << 20}");
        return null;
    }

    private static CpuList? ParseCpus(ArgumentResult result)
    {
        if (!CpuList.TryParse(Text(result), out var cpus)) result.AddError($"'{Text(result)}' is not a list of processors, as in 0-3,6");
        return cpus;
    }

    private static LogLevel? ParseLogLevel(ArgumentResult result)
    {
        if (Enum.TryParse<LogLevel>(Text(result), ignoreCase: true, out var level) && !char.IsAsciiDigit(Text(result)[0])) return level;
        result.AddError($"'{Text(result)}' is not a log level (trace, debug, information, warning, error, critical, none)");
        return null;
    }

    private static string Text(ArgumentResult result) => result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";

    private WorkerOptions Read(ParseResult parse) => _security.Read(parse, new WorkerOptions
    {
        Coordinator = parse.GetValue(_coordinator),
        Listen = parse.GetValue(_listen),
        Advertise = parse.GetValue(_advertise),
        Name = parse.GetValue(_name),
        Threads = parse.GetValue(_threads) ?? 0,
        Cpus = parse.GetValue(_cpus),
        Device = parse.GetValue(_device)!,
        ModelPath = parse.GetValue(_model),
        FetchModel = parse.GetValue(_fetchModel),
        CachePath = parse.GetValue(_cacheFolder)?.FullName ?? CacheFolder.Of("shards"),
        CacheBytes = parse.GetValue(_cacheSize) is { } gibibytes ? (long)gibibytes << 30 : long.MaxValue,
        ExitOnDisconnect = parse.GetValue(_exitOnDisconnect),
        LogLevel = parse.GetValue(_logLevel) ?? LogLevel.Warning,
    });
}
