using Cluster.Coordinator.LocalWorkers;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Scheduling;
using Cluster.Coordinator.Security;
using Cluster.Coordinator.Sessions;

namespace Cluster.Coordinator.Benchmarking;

/// <summary>Runs the product of the axes: for each setup of workers every model, for each model every session, and on that every test.</summary>
/// <param name="options">What is measured.</param>
/// <param name="load">Loads a plan's shards.</param>
/// <param name="progress">Told what comes next, and each result.</param>
internal sealed class BenchmarkRunner(
    BenchmarkOptions options, Func<ClusterHost, ServedModel, ClusterPlan, SchedulerOptions, Task<ModelSession>> load, Action<string> progress)
{
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly SchedulerOptions _scheduling = new() { PrefillChunk = options.PrefillChunk, MaxSequences = options.Axes.Batches.Max() };
    private readonly SortedSet<string> _devices = new(StringComparer.Ordinal);
    private readonly List<BenchmarkRow> _rows = [];
    private long _version;

    public IEnumerable<string> Devices => _devices;

    /// <summary>Of each model in turn.</summary>
    public IEnumerable<BenchmarkRow> Rows(IEnumerable<ServedModel> models) =>
        models.SelectMany(model => _rows.Where(row => row.Model == model.Name));

    public async Task RunAsync(IReadOnlyList<ServedModel> models, CancellationToken cancellationToken)
    {
        // What cannot be planned for any workers is told before one is started.
        foreach (var model in models)
            foreach (var worker in options.Axes.WorkerSetups)
                foreach (var setup in options.Axes.SessionSetups(worker.Split.Workers))
                    Plan(ImaginedMembers.Create(worker.Split.Workers, memoryBytes: 0), model, worker.Split, setup);

        var security = OpenSecurity();
        if (options.JoinedWorkers is { } count)
        {
            var host = await ClusterHost.StartAsync(options.Listen, null, security, _time, cancellationToken).ConfigureAwait(false);
            await using (host.ConfigureAwait(false))
            {
                progress($"waiting for {count} workers at {host.EndPoint}");
                foreach (var worker in options.Axes.WorkerSetups) await RunAsync(host, count, worker, models, cancellationToken).ConfigureAwait(false);
            }
        }
        else
        {
            foreach (var worker in options.Axes.WorkerSetups)
            {
                var processors = options.Cpus?.Numbers.Length ?? Environment.ProcessorCount;
                var threads = worker.Threads ?? Math.Max(1, processors / worker.Split.Workers);
                var local = new LocalWorkerOptions(worker.Split.Workers, threads) { Devices = options.Devices, Cpus = options.Cpus };
                var host = await ClusterHost.StartAsync(options.Listen, local, security, _time, cancellationToken).ConfigureAwait(false);
                await using (host.ConfigureAwait(false)) await RunAsync(host, local.Count, worker, models, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Workers of our own get their certificates of an authority that nobody else needs to know.</summary>
    private ClusterSecurity? OpenSecurity() =>
        options.Security is not { } folder ? null
        : options.JoinedWorkers is null ? ClusterSecurity.CreatePassing(_time)
        : ClusterSecurity.Open(folder, new JoinRefusals(), progress, _time);

    private async Task RunAsync(
        ClusterHost host, int workers, WorkerSetup worker, IReadOnlyList<ServedModel> models, CancellationToken cancellationToken)
    {
        foreach (var model in models)
        {
            foreach (var setup in options.Axes.SessionSetups(worker.Split.Workers))
            {
                var members = await host.WaitForWorkersAsync(workers, cancellationToken).ConfigureAwait(false);
                var plan = Plan(members, model, worker.Split, setup);
                var session = await load(host, model, plan, _scheduling).ConfigureAwait(false);
                await using (session.ConfigureAwait(false)) await RunAsync(session, model, worker.Split, setup, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task RunAsync(ModelSession session, ServedModel model, SplitSize split, SessionSetup setup, CancellationToken cancellationToken)
    {
        _devices.UnionWith(session.Plan.Workers.Select(worker => $"{worker.Device.Name} ({worker.Device.Kernels})"));
        _devices.UnionWith(session.GroupLibraries.Select(library => $"sums on devices by {library}"));
        var benchmark = new BenchmarkSession(model.Name, ModelFacts.Of(model), session, options, split, setup);
        var what = string.Join(
            ", ", model.Name, $"split {split}", $"threads {string.Join('+', session.Plan.Workers.Select(worker => worker.Device.Threads))}", setup.CacheFormat);
        progress($"{what}: warming up");
        await benchmark.PrepareAsync(cancellationToken).ConfigureAwait(false);
        foreach (var test in options.Axes.Tests)
        {
            var row = await benchmark.RunAsync(test, cancellationToken).ConfigureAwait(false);
            _rows.Add(row);
            progress($"{what}: {test.Name} at {test.Depth}, batch {test.Batch}: {row.TokensPerSecond} tok/s");
        }
    }

    private ClusterPlan Plan(MembershipSnapshot members, ServedModel model, SplitSize split, SessionSetup setup)
    {
        var plan = ClusterPlanner.Plan(members, ModelFacts.Of(model), PlanOptions(split, setup), ++_version).Require();
        var tokens = (long)plan.BlockCount * BenchmarkOptions.BlockTokens;
        if (tokens < options.CacheTokens)
            throw new ClusterException($"a batch of {options.Axes.Batches.Max()} at a depth of {options.Axes.Depths.Max()} needs {options.CacheTokens} tokens of KV in {setup.CacheFormat}, memory holds {tokens}");
        return plan;
    }

    private PlanOptions PlanOptions(SplitSize split, SessionSetup setup) => new()
    {
        TensorParallel = split.TensorParallel,
        Pipeline = split.Pipeline,
        Shares = options.Shares,
        CacheFormat = setup.CacheFormat,
        Wire = setup.Wire,
        Channel = setup.Channel,
        ContextLength = options.ContextLength,
        CacheTokens = options.CacheTokens,
        BlockTokens = BenchmarkOptions.BlockTokens,
        MaxStepTokens = _scheduling.MaxStepTokens,
    };
}
