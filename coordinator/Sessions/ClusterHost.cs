using System.Net;
using Cluster.Coordinator.LocalWorkers;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Weights;

namespace Cluster.Coordinator.Sessions;

/// <summary>The place where workers meet: listens for them, and starts those that run on this machine.</summary>
internal sealed class ClusterHost : IAsyncDisposable
{
    /// <summary>How long processes of ours may take to start and join; a busy machine takes seconds.</summary>
    private static readonly TimeSpan s_localPatience = TimeSpan.FromSeconds(60);

    private readonly MembershipRegistry _registry;
    private readonly MembershipServer _server;
    private readonly LocalWorkerProcesses? _localWorkers;
    private readonly MembershipMonitor _monitor;
    private readonly TimeProvider _time;

    private ClusterHost(
        IPEndPoint endPoint, MembershipRegistry registry, OfferedModels models, MembershipServer server, LocalWorkerProcesses? localWorkers, TimeProvider time)
    {
        EndPoint = endPoint;
        Models = models;
        _registry = registry;
        _server = server;
        _localWorkers = localWorkers;
        _time = time;
        _monitor = new MembershipMonitor(registry, new WorkerProbe(), new MonitorOptions(), OnSilence, time);
    }

    /// <summary>Told of silent workers, and of our own that ended, in one line.</summary>
    public event Action<string>? Noticed;

    public IMembership Membership => _registry;

    /// <summary>What workers that do not have a model's file may fetch.</summary>
    public OfferedModels Models { get; }

    /// <summary>Where workers join.</summary>
    public IPEndPoint EndPoint { get; }

    /// <exception cref="IOException">The address is taken or not this machine's.</exception>
    /// <exception cref="LocalWorkerException">A local worker cannot be started.</exception>
    public static async Task<ClusterHost> StartAsync(
        IPEndPoint listen, LocalWorkerOptions? localWorkers, TimeProvider time, CancellationToken cancellationToken)
    {
        var listener = MembershipListener.Bind(listen);
        LocalWorkerProcesses? processes = null;
        try
        {
            // They take longer to start than the server: they go first.
            if (localWorkers is not null) processes = await LocalWorkerProcesses.StartAsync(localWorkers, listener.EndPoint).ConfigureAwait(false);

            var registry = new MembershipRegistry(time);
            var models = new OfferedModels(registry, time);
            var server = await MembershipServer.StartAsync(listener, registry, models, time, cancellationToken).ConfigureAwait(false);
            return new ClusterHost(listener.EndPoint, registry, models, server, processes, time);
        }
        catch
        {
            listener.Dispose();
            if (processes is not null) await processes.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits until so many workers have joined: without end for those of others, not for ever for our own.</summary>
    /// <exception cref="LocalWorkerException">A local worker has ended instead, or does nothing.</exception>
    public async Task<MembershipSnapshot> WaitForWorkersAsync(int count, CancellationToken cancellationToken)
    {
        if (_localWorkers is null)
            return await _registry.WhenAsync(snapshot => snapshot.Members.Length >= count, cancellationToken).ConfigureAwait(false);

        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ours = _registry.WhenAsync(snapshot => snapshot.Members.Count(member => _localWorkers.Includes(member.Name)) == _localWorkers.Count, giveUp.Token);
        var patience = Task.Delay(s_localPatience, _time, giveUp.Token);
        var first = await Task.WhenAny(ours, _localWorkers.FirstExit, patience).ConfigureAwait(false);
        await giveUp.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (first == patience)
            throw new LocalWorkerException($"local workers have not joined within {s_localPatience.TotalSeconds:0} s: {_registry.Current.Members.Length} of {_localWorkers.Count} are there");
        if (first == _localWorkers.FirstExit) throw new LocalWorkerException((await _localWorkers.FirstExit.ConfigureAwait(false)).DescribeExit());

        return await _registry.WhenAsync(snapshot => snapshot.Members.Length >= count, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts workers of ours anew whenever they end, those that were removed once they are restored.</summary>
    public Task KeepLocalWorkersAsync(CancellationToken cancellationToken) =>
        _localWorkers?.KeepAsync(
            line => Noticed?.Invoke(line), (name, token) => _registry.WhenAsync(snapshot => !snapshot.Removed.Contains(name), token), _time, cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _monitor.Dispose();
        if (_localWorkers is not null)
        {
            // Only our own: others wait for the next coordinator.
            var members = _registry.Current;
            _registry.ShutDown(member => _localWorkers.Includes(member.Name));
            await _localWorkers.EndAsync(worker => members.Find(worker.Name) is not null).ConfigureAwait(false);
            await _localWorkers.DisposeAsync().ConfigureAwait(false);
        }

        await _server.DisposeAsync().ConfigureAwait(false);
    }

    private void OnSilence(Member worker, string line)
    {
        Noticed?.Invoke(line);

        // One of ours that is lost but lives, a stopped one, holds memory that its successor needs.
        if (_registry.Current.Find(worker.Name) is null) _localWorkers?.Kill(worker.Name);
    }
}
