using System.Net;
using Cluster.Coordinator.LocalWorkers;
using Cluster.Coordinator.Membership;
using Cluster.Coordinator.Security;
using Cluster.Coordinator.Weights;

namespace Cluster.Coordinator.Sessions;

/// <summary>The place where workers meet: listens for them, and starts those that run on this machine.</summary>
internal sealed class ClusterHost : IAsyncDisposable
{
    /// <summary>How long processes of ours may take to start and join; a busy machine takes seconds.</summary>
    private static readonly TimeSpan s_localPatience = TimeSpan.FromSeconds(60);

    /// <summary>How soon a revocation, or another authority, counts.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly MembershipRegistry _registry;
    private readonly MembershipServer _server;
    private readonly LocalWorkerProcesses? _localWorkers;
    private readonly MembershipMonitor _monitor;
    private readonly ITimer? _changes;
    private readonly TimeProvider _time;

    private ClusterHost(
        IPEndPoint endPoint, MembershipRegistry registry, OfferedModels models, MembershipServer server, LocalWorkerProcesses? localWorkers, ClusterSecurity? security,
        TimeProvider time)
    {
        EndPoint = endPoint;
        Models = models;
        _registry = registry;
        _server = server;
        _localWorkers = localWorkers;
        _time = time;
        _monitor = new MembershipMonitor(registry, new WorkerProbe(registry.Connect), new MonitorOptions(), OnSilence, time);
        if (security is null) return;

        security.RevocationsChanged += registry.Revoke;
        security.Credentials.AuthoritiesChanged += () => registry.Trust(security.Credentials.Authorities);
        _changes = time.CreateTimer(_ => Look(security), null, s_look, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Told of silent workers, and of our own that ended, in one line.</summary>
    public event Action<string>? Noticed;

    public IMembership Membership => _registry;

    /// <summary>What workers that do not have a model's file may fetch.</summary>
    public OfferedModels Models { get; }

    /// <summary>Where workers join.</summary>
    public IPEndPoint EndPoint { get; }

    /// <param name="listen">Where workers join.</param>
    /// <param name="localWorkers">Those that are started here; null for none.</param>
    /// <param name="security">Who may join, over TLS; null for anybody, in plain text.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="IOException">The address is taken or not this machine's.</exception>
    /// <exception cref="LocalWorkerException">A local worker cannot be started.</exception>
    public static async Task<ClusterHost> StartAsync(
        IPEndPoint listen, LocalWorkerOptions? localWorkers, ClusterSecurity? security, TimeProvider time, CancellationToken cancellationToken)
    {
        var listener = MembershipListener.Bind(listen);
        LocalWorkerProcesses? processes = null;
        try
        {
            // They take longer to start than the server: they go first.
            if (security is not null) localWorkers = localWorkers is null ? null : localWorkers with { CreateIdentity = security.CreateIdentity };
            if (localWorkers is not null) processes = await LocalWorkerProcesses.StartAsync(localWorkers, listener.EndPoint).ConfigureAwait(false);

            var registry = new MembershipRegistry(time, security?.Credentials);
            var models = new OfferedModels(registry, time);
            var server = await MembershipServer.StartAsync(listener, registry, models, security, time, cancellationToken).ConfigureAwait(false);
            return new ClusterHost(listener.EndPoint, registry, models, server, processes, security, time);
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

    /// <summary>Ends the membership of a worker that beats its heart but whose device hangs; one of ours is started anew.</summary>
    public void Expel(Member worker)
    {
        _registry.Expel(worker);
        OnSilence(worker, $"worker '{worker.Name}' is lost: its device does not return");
    }

    public async ValueTask DisposeAsync()
    {
        _monitor.Dispose();
        if (_changes is not null) await _changes.DisposeAsync().ConfigureAwait(false);
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

    private void Look(ClusterSecurity security)
    {
        security.LookForChanges();
        _changes?.Change(s_look, Timeout.InfiniteTimeSpan);
    }

    private void OnSilence(Member worker, string line)
    {
        Noticed?.Invoke(line);

        // One of ours that is lost but lives, a stopped one, holds memory that its successor needs.
        if (_registry.Current.Find(worker.Name) is null) _localWorkers?.Kill(worker.Name);
    }
}
