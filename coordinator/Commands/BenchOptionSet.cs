using System.Collections.Immutable;
using System.CommandLine;
using System.Net;
using Cluster.Coordinator.Benchmarking;
using Cluster.Coordinator.Security;
using Cluster.Model.KvCache;
using Cluster.Model.Processors;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Commands;

/// <summary>The options of <c>bench</c> that say what is measured, and on whom.</summary>
internal sealed class BenchOptionSet
{
    private const int MaxTokens = 1 << 20;

    private static readonly IPEndPoint s_cluster = new(IPAddress.Loopback, 7070);

    private readonly Option<IReadOnlyList<int>?> _prompts = ArgumentParsers.WholeNumbers("--prompt", "Prompt lengths, 0 for none [default: 512]", 0, MaxTokens);
    private readonly Option<IReadOnlyList<int>?> _generates = ArgumentParsers.WholeNumbers("--generate", "Tokens to generate, 0 for none [default: 128]", 0, MaxTokens);
    private readonly Option<IReadOnlyList<int>?> _depths = ArgumentParsers.WholeNumbers(
        "--depth", "Tokens that are in the KV cache before [default: 0]", 0, MaxTokens, BenchmarkOptions.BlockTokens);

    private readonly Option<IReadOnlyList<int>?> _batches = ArgumentParsers.WholeNumbers("--batch", "Sequences at a time [default: 1]", most: 4096);
    private readonly Option<IReadOnlyList<int>?> _threads = ArgumentParsers.WholeNumbers(
        "--threads", "Threads of each local worker [default: the processor's, shared out]", most: 1024);

    private readonly Option<string?> _devices = LocalWorkerOptionSet.DeviceOption();
    private readonly Option<CpuList?> _cpus = LocalWorkerOptionSet.CpuOption();

    private readonly Option<IReadOnlyList<SplitSize>?> _splits = ArgumentParsers.ValueList(
        "--split", "TxP", "Tensor-parallel workers x pipeline stages [default: 1x1]", "pairs such as 1x1 or 2x1", SplitSize.Parse);

    private readonly Option<IReadOnlyList<double>?> _shares = SpreadOptionSet.SharesOption();

    private readonly Option<IReadOnlyList<KvCacheFormat>?> _cacheFormats = ArgumentParsers.List(
        "--kv", "K/V", "Formats of cached keys/values [default: q8_0/iq4_nl]", $"KEYS/VALUES, each one of {string.Join(", ", CacheTypes.ByName.Keys)}", CacheTypes.ParsePair);

    private readonly Option<IReadOnlyList<WireFormat>?> _wires = ArgumentParsers.ValueList<WireFormat>(
        "--wire", "TYPE", "Formats of activations between workers: f32, f16, q8_0 [default: f32]", $"types of {string.Join(", ", WireTypes.ByName.Keys)}",
        text => WireTypes.ByName.TryGetValue(text.ToLowerInvariant(), out var wire) ? wire : null);

    private readonly Option<IReadOnlyList<ChannelKind>?> _channels = ArgumentParsers.ValueList<ChannelKind>(
        "--channel", "KIND", "What carries them: auto, socket, grpc [default: auto]", $"kinds of {string.Join(", ", ChannelKinds.ByName.Keys)}",
        text => ChannelKinds.ByName.TryGetValue(text.ToLowerInvariant(), out var kind) ? kind : null);

    private readonly Option<int?> _prefillChunk = ArgumentParsers.WholeNumber(
        "--prefill-chunk", "N", "Prompt tokens that one step takes in at most [default: 512]", most: 1 << 16);

    private readonly Option<int?> _repetitions = ArgumentParsers.WholeNumber("--repetitions", "N", "Runs of each test [default: 5]", most: 1000);
    private readonly Option<int?> _workers = ArgumentParsers.WholeNumber("--workers", "N", "Measure on workers that join, and wait for N of them [default: local ones]");
    private readonly Option<IPEndPoint?> _clusterListen = ArgumentParsers.Listen("--cluster-listen", $"Where workers join [default with --workers: {s_cluster}]");

    private readonly SecurityOptionSet _security = new();
    private readonly Option<InsecureMode> _insecure = SecurityOptionSet.InsecureOption("--insecure=force: let workers of other machines join and talk in plain text");

    public void AddTo(Command command)
    {
        foreach (Option option in (ReadOnlySpan<Option>)
            [
                _prompts, _generates, _depths, _batches, _threads, _cpus, _devices, _splits, _shares, _cacheFormats, _wires, _channels, _prefillChunk,
                _repetitions, _workers, _clusterListen,
            ])
            command.Add(option);
        _security.AddTo(command);
        command.Add(_insecure);
    }

    /// <param name="parse">The command line.</param>
    /// <param name="warn">Told of what is not protected.</param>
    public BenchmarkOptions Read(ParseResult parse, Action<string> warn)
    {
        var listen = parse.GetValue(_clusterListen);
        var joined = parse.GetValue(_workers);
        listen ??= joined is null ? new IPEndPoint(IPAddress.Loopback, 0) : s_cluster;
        var axes = new BenchmarkAxes
        {
            Prompts = Values(_prompts, 512),
            Generates = Values(_generates, 128),
            Depths = Values(_depths, 0),
            Batches = Values(_batches, 1),
            Splits = Values(_splits, new SplitSize(1, 1)),
            Threads = parse.GetValue(_threads) is { } threads ? [.. threads.Select(count => (int?)count)] : [null],
            CacheFormats = Values(_cacheFormats, new KvCacheFormat()),
            Wires = Values(_wires, WireFormat.F32),
            Channels = Values(_channels, ChannelKind.Automatic),
        };
        if (axes.Tests.IsEmpty) throw new UsageException("--prompt or --generate has to ask for tokens");
        if (joined is { } workers)
        {
            if (((Option[])[_devices, _threads, _cpus]).FirstOrDefault(option => parse.GetResult(option) is { Implicit: false }) is { } local)
                throw new UsageException($"{local.Name} is for local workers: those of --workers have chosen theirs");
            if (axes.Splits.Max(split => split.Workers) > workers) throw new UsageException($"--split needs more than the {workers} of --workers");
        }

        return new BenchmarkOptions
        {
            Axes = axes,
            Repetitions = parse.GetValue(_repetitions) ?? 5,
            PrefillChunk = parse.GetValue(_prefillChunk) ?? 512,
            Shares = [.. parse.GetValue(_shares) ?? []],
            JoinedWorkers = joined,
            Security = _security.Read(parse, listen, parse.GetValue(_insecure), warn),
            Cpus = parse.GetValue(_cpus),
            Devices = LocalWorkerOptionSet.Devices(parse.GetValue(_devices), axes.Splits.Max(split => split.Workers)),
            Listen = listen,
        };

        ImmutableArray<T> Values<T>(Option<IReadOnlyList<T>?> option, T otherwise) => [.. parse.GetValue(option) ?? [otherwise]];
    }
}
