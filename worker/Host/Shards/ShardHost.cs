using System.Net.Sockets;
using System.Threading.Channels;
using Cluster.Compute.Shards;
using Cluster.Protos.Frames;
using Cluster.Protos.Security;
using Cluster.Protos.V1;
using Cluster.Worker.Caches;
using Cluster.Worker.Collectives.Channels;
using Cluster.Worker.Collectives.Links;
using Grpc.Core;
using Grpc.Streams;

namespace Cluster.Worker.Shards;

/// <summary>
/// The one shard that a worker holds: makes its actor, replaces it when a newer plan comes, and finds it for the calls that name it.
/// </summary>
internal sealed class ShardHost(ShardHostOptions options, IShardLoader loader, ShardActorLog log) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _changing = new(1);
    private readonly ChannelListener _listener = new(options.ListenAddress, ChannelListener.DefaultGreetingTimeout, TimeProvider.System, options.Credentials);
    private ShardActor? _current;
    private TaskCompletionSource _changed = NewSignal();
    private ulong _newestPlan;
    private bool _ended;

    /// <summary>Loads a shard in the place of what is loaded. Progress is reported to <paramref name="progress"/>, which ends with the load.</summary>
    /// <exception cref="ShardLoadException">It cannot be loaded.</exception>
    public async Task<ShardMemory> LoadAsync(LoadShardRequest request, ChannelWriter<ShardLoadProgress> progress, CancellationToken cancellationToken)
    {
        ShardActor? actor = null;
        try
        {
            var specification = ShardSpecificationReader.Read(request);
            Announce(specification.PlanVersion);

            // The old shard's memory is free before the new one's is taken, and one load runs at a time.
            await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await RemoveAsync(Replacement(specification.PlanVersion)).ConfigureAwait(false);
                actor = new ShardActor(specification, options, loader, log);
                Publish(actor);
                log.Loading(actor.Identity, specification.ModelPath);
                var memory = await actor.LoadAsync(new ChannelProgress(progress), cancellationToken).ConfigureAwait(false);
                log.Loaded(actor.Identity, memory.Weights, memory.KvCache);
                return memory;
            }
            catch
            {
                if (actor is not null) await RemoveAsync("the shard could not be loaded").ConfigureAwait(false);
                throw;
            }
            finally
            {
                _changing.Release();
            }
        }
        catch (ShardLoadException e)
        {
            log.LoadFailed(actor?.Identity ?? default, e.Message);
            throw;
        }
        finally
        {
            progress.TryComplete();
        }
    }

    /// <summary>Serves a coordinator's stream of steps.</summary>
    public async Task ExecuteAsync(
        IMessageStreamReader<StepRequest> requests, IMessageStreamWriter<StepResult> results, CancellationToken cancellationToken)
    {
        await RequireCurrent().ExecuteAsync(requests, results, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Hands out rows of the shard's cache.</summary>
    public async Task ReadCacheAsync(ReadCacheRequest request, IServerStreamWriter<CachePart> parts, CancellationToken cancellationToken)
    {
        var cache = RequireCurrent().Cache;
        await new CacheSender(cache, CacheRequestReader.Read(request, cache)).SendAsync(parts, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Puts rows into the shard's cache.</summary>
    /// <returns>Their bytes.</returns>
    public async Task<long> WriteCacheAsync(IAsyncStreamReader<WriteCacheRequest> requests, CancellationToken cancellationToken) =>
        await new CacheReceiver(RequireCurrent().Cache).ReceiveAsync(requests, cancellationToken).ConfigureAwait(false);

    /// <summary>Sends a peer its frames for as long as the plan lives. A plan that has not come yet is waited for.</summary>
    public async Task ExchangeAsync(ExchangeRequest request, PeerName? caller, IMessageStreamWriter<Frame> frames, CancellationToken cancellationToken)
    {
        var actor = await FindAsync(request.PlanVersion, request.Sender, cancellationToken).ConfigureAwait(false);
        var link = actor.Links.Mesh.Find(request.Receiver)?.Outbound
            ?? throw new RpcException(new Status(StatusCode.InvalidArgument, $"{actor.Identity} sends nothing to rank {request.Receiver}"));
        Require(link.Peer, caller);

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, actor.Stopping);
        if (!await link.ServeAsync(frames, ended.Token).ConfigureAwait(false))
            throw new RpcException(new Status(StatusCode.AlreadyExists, $"{actor.Identity} has a link to rank {request.Receiver} already"));
        if (actor.EndReason is { } reason) throw new RpcException(new Status(StatusCode.Aborted, reason));
    }

    /// <summary>Promises a peer a socket for its frames and ours. A plan that has not come yet is waited for.</summary>
    public async Task<OpenChannelReply> OpenChannelAsync(OpenChannelRequest request, PeerName? caller, CancellationToken cancellationToken)
    {
        var actor = await FindAsync(request.PlanVersion, request.Listener, cancellationToken).ConfigureAwait(false);
        var link = actor.Links.Mesh.Find(request.Caller);
        if (link is null || request.Caller < request.Listener)
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"{actor.Identity} waits for no socket from rank {request.Caller}"));
        Require(link.Peer, caller);
        if (link.IsConnected)
            throw new RpcException(new Status(StatusCode.AlreadyExists, $"{actor.Identity} has a link to rank {request.Caller} already"));
        try
        {
            return _listener.Open(link.Attach);
        }
        catch (SocketException e)
        {
            throw new RpcException(new Status(StatusCode.ResourceExhausted, $"no port to listen on: {e.Message}"));
        }
    }

    /// <summary>Takes a rank of the stage into the forming of a group of devices. A plan that has not come yet is waited for.</summary>
    public async Task FormDeviceGroupAsync(
        IAsyncStreamReader<DeviceGroupRequest> requests, PeerName? caller, IServerStreamWriter<DeviceGroupReply> replies, CancellationToken cancellationToken)
    {
        if (!await requests.MoveNext(cancellationToken).ConfigureAwait(false)) return;
        var first = requests.Current;
        var actor = await FindAsync(first.PlanVersion, first.Leader, cancellationToken).ConfigureAwait(false);
        if (actor.Links.Devices?.Leader is not { } leader || actor.Links.Mesh.Find(first.Caller) is not { } link)
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"{actor.Identity} forms no group of devices with rank {first.Caller}"));
        Require(link.Peer, caller);

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, actor.Stopping);
        await leader.ServeAsync(first, requests, replies, ended.Token).ConfigureAwait(false);
    }

    /// <summary>Frees the shard of <paramref name="planVersion"/>; of another plan there is nothing to free.</summary>
    public async Task UnloadAsync(ulong planVersion)
    {
        await StopAsync(planVersion, "the coordinator unloaded the shard").ConfigureAwait(false);
    }

    /// <summary>Frees whatever is loaded and forgets which plans there were: the coordinator is gone, the next one counts anew.</summary>
    public async Task ResetAsync(string reason)
    {
        lock (_lock) _newestPlan = 0;
        await StopAsync(null, reason).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        lock (_lock) _ended = true;
        await _listener.DisposeAsync().ConfigureAwait(false);
        await ResetAsync("the worker is shutting down").ConfigureAwait(false);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static string Replacement(ulong planVersion) => $"plan {planVersion} replaced this one";

    private ShardActor RequireCurrent() =>
        Volatile.Read(ref _current) ?? throw new RpcException(new Status(StatusCode.FailedPrecondition, "no shard is loaded"));

    private async Task StopAsync(ulong? planVersion, string reason)
    {
        // Before the turn is waited for: a load in progress has it, and ends by this.
        // One of a later plan, which may take the place at any moment, goes on.
        var actor = Volatile.Read(ref _current);
        if (planVersion is not null && actor?.Identity.PlanVersion != planVersion) return;
        actor?.Stop(reason);
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (planVersion is null || _current?.Identity.PlanVersion == planVersion) await RemoveAsync(reason).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Takes note of a plan, and ends what belongs to earlier ones.</summary>
    private void Announce(ulong planVersion)
    {
        ShardActor? old;
        lock (_lock)
        {
            if (_ended) throw new ShardLoadException(ShardLoadFailure.Replaced, "the worker is shutting down");
            if (planVersion <= _newestPlan)
                throw new ShardLoadException(ShardLoadFailure.Replaced, $"plan {planVersion} is not newer than plan {_newestPlan}, which came before it");
            _newestPlan = planVersion;
            old = _current;
        }

        old?.Stop(Replacement(planVersion));
    }

    private void Publish(ShardActor actor)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            // A still newer plan came while this one waited for its turn.
            if (_ended || actor.Identity.PlanVersion != _newestPlan) actor.Stop(_ended ? "the worker is shutting down" : Replacement(_newestPlan));
            _current = actor;
            changed = _changed;
            _changed = NewSignal();
        }

        changed.SetResult();
    }

    private async Task RemoveAsync(string reason)
    {
        if (_current is not { } actor) return;
        actor.Stop(reason);
        await actor.DisposeAsync().ConfigureAwait(false);
        log.Ended(actor.Identity, actor.EndReason ?? reason);
        lock (_lock) _current = null;
    }

    /// <summary>The shard of a plan, which may be on its way; a peer called it <paramref name="rank"/>.</summary>
    private async Task<ShardActor> FindAsync(ulong planVersion, int rank, CancellationToken cancellationToken)
    {
        var actor = await FindAsync(planVersion, cancellationToken).ConfigureAwait(false);
        return actor.Identity.Rank == rank
            ? actor
            : throw new RpcException(new Status(StatusCode.FailedPrecondition, $"rank {rank} was called, this is {actor.Identity}"));
    }

    private async Task<ShardActor> FindAsync(ulong planVersion, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_current is { } actor && actor.Identity.PlanVersion == planVersion) return actor;
                if (planVersion < _newestPlan)
                    throw new RpcException(new Status(StatusCode.FailedPrecondition, $"plan {planVersion} was replaced by plan {_newestPlan}"));
                if (_ended) throw new RpcException(new Status(StatusCode.Unavailable, "the worker is shutting down"));
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Nobody takes a rank's place but its worker.</summary>
    private static void Require(PeerIdentity peer, PeerName? caller)
    {
        if (!peer.Is(caller)) throw new RpcException(new Status(StatusCode.PermissionDenied, $"rank {peer.Rank} is the worker '{peer.Worker}'"));
    }

    private sealed class ChannelProgress(ChannelWriter<ShardLoadProgress> writer) : IProgress<ShardLoadProgress>
    {
        public void Report(ShardLoadProgress value) => writer.TryWrite(value);
    }
}
