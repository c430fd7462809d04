using System.Net;
using Cluster.Coordinator.LocalWorkers;
using Cluster.Coordinator.Membership;

namespace Cluster.Coordinator.Sessions;

/// <summary>The place where workers meet: listens for them, and starts those that run on this machine.</summary>
internal sealed class ClusterHost : IAsyncDisposable
{
    private readonly MembershipRegistry _registry;
    private readonly MembershipServer _server;
    private readonly LocalWorkerProcesses? _localWorkers;

    private ClusterHost(IPEndPoint endPoint, MembershipRegistry registry, MembershipServer server, LocalWorkerProcesses? localWorkers)
    {
        EndPoint = endPoint;
        _registry = registry;
        _server = server;
        _localWorkers = localWorkers;
    }

    public IMembership Membership => _registry;

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
            var server = await MembershipServer.StartAsync(listener, registry, time, cancellationToken).ConfigureAwait(false);
            return new ClusterHost(listener.EndPoint, registry, server, processes);
        }
        catch
        {
            listener.Dispose();
            if (processes is not null) await processes.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits until so many workers have joined.</summary>
    /// <exception cref="LocalWorkerException">A local worker has ended instead.</exception>
    public async Task<MembershipSnapshot> WaitForWorkersAsync(int count, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var joined = _registry.WhenAsync(snapshot => snapshot.Members.Length >= count, either.Token);
        if (_localWorkers is not null && await Task.WhenAny(joined, _localWorkers.FirstExit).ConfigureAwait(false) != joined)
        {
            await either.CancelAsync().ConfigureAwait(false);
            throw new LocalWorkerException((await _localWorkers.FirstExit.ConfigureAwait(false)).DescribeExit());
        }

        return await joined.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
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
}
