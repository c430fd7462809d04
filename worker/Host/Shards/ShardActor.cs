using Cluster.Compute.Shards;
using Cluster.Protos.V1;
using Cluster.Worker.Caches;
using Cluster.Worker.Collectives;
using Cluster.Worker.Steps;
using Cluster.Worker.Threading;
using Grpc.Core;
using Grpc.Streams;

namespace Cluster.Worker.Shards;

/// <summary>
/// One shard of one plan: a single-threaded actor. Its own thread loads the weights, runs every step and frees the memory; everything
/// else talks to it through rings and a signal. It is made for a plan and ends with it.
/// </summary>
internal sealed class ShardActor : IAsyncDisposable
{
    private readonly ShardSpecification _specification;
    private readonly ShardHostOptions _options;
    private readonly IShardLoader _loader;
    private readonly ShardActorLog _log;
    private readonly WakeSignal _signal = new();
    private readonly ShardAbort _abort = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly WorkQueue _work;
    private readonly TaskCompletionSource<LoadedShard> _loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StepSession? _session;
    private int _started;

    public ShardActor(ShardSpecification specification, ShardHostOptions options, IShardLoader loader, ShardActorLog log)
    {
        _specification = specification;
        _options = options;
        _loader = loader;
        _log = log;
        _work = new WorkQueue(_signal);
        Links = new ShardLinks(specification, _signal, _abort, options.Credentials, options.Communicators);
    }

    public ShardIdentity Identity => _specification.Identity;

    public ShardLinks Links { get; }

    /// <summary>Cancelled when the shard is to end.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Why the shard ends, once it does.</summary>
    public string? EndReason => _abort.ShardReason;

    /// <summary>The way to the loaded shard's cache.</summary>
    /// <exception cref="RpcException">The shard is not loaded.</exception>
    public ShardCache Cache => new(_specification, RequireLoaded().Cache, _work);

    /// <summary>Loads the shard and links it with its peers. Once.</summary>
    /// <exception cref="ShardLoadException">It cannot be loaded, a peer cannot be reached, or the shard is to end.</exception>
    public async Task<ShardMemory> LoadAsync(IProgress<ShardLoadProgress> progress, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Stopping);
        if (Interlocked.Exchange(ref _started, 1) != 0) throw new InvalidOperationException("A shard is loaded once.");
        var thread = new Thread(() => Run(progress, either.Token)) { IsBackground = true, Name = $"shard {Identity}" };
        thread.Start();
        var linked = LinkAsync(either);
        try
        {
            // Whichever fails first ends both.
            await Task.WhenAny(linked, _loaded.Task).Unwrap().ConfigureAwait(false);
            await linked.ConfigureAwait(false);
            return (await _loaded.Task.ConfigureAwait(false)).Memory with { GroupLibrary = Links.Devices?.Library ?? "" };
        }
        catch (OperationCanceledException) when (EndReason is { } reason)
        {
            throw new ShardLoadException(ShardLoadFailure.Replaced, reason);
        }
        finally
        {
            await either.CancelAsync().ConfigureAwait(false);
            await linked.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await ((Task)_loaded.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Serves the coordinator's stream of steps to its end. A stream that is being served gives way to it once it has a step of this plan.</summary>
    /// <exception cref="RpcException">The shard is not loaded, or the stream was cut short.</exception>
    public async Task ExecuteAsync(
        IMessageStreamReader<StepRequest> requests, IMessageStreamWriter<StepResult> results, CancellationToken cancellationToken)
    {
        RequireLoaded();
        using var session = new StepSession(_signal, results, cancellationToken, Stopping);
        var first = await session.ReadFirstAsync(requests).ConfigureAwait(false);
        if (first is not null && first.PlanVersion != Identity.PlanVersion && Volatile.Read(ref _session) is not null)
            throw new RpcException(new Status(StatusCode.FailedPrecondition, $"a step of plan {first.PlanVersion} came to {Identity}"));

        if (first is not null && await TryTakeOverAsync(session).ConfigureAwait(false))
        {
            _signal.Set();

            // Ends at once when the shard has, since the session follows its token.
            await session.ReadAsync(requests).ConfigureAwait(false);

            // A thread that has ended without seeing the session will not finish it.
            await Task.WhenAny(session.Finished, _ended.Task).ConfigureAwait(false);
        }

        if ((EndReason ?? session.Abort.Text) is { } reason) throw new RpcException(new Status(StatusCode.Aborted, reason));
    }

    /// <summary>Ends the shard: whatever waits fails with <paramref name="reason"/>.</summary>
    public void Stop(string reason)
    {
        _abort.AbortShard(reason);
        _signal.Set();
        _stopping.Cancel();
    }

    /// <summary>Stops if need be and returns when the thread has ended and all memory is free.</summary>
    public async ValueTask DisposeAsync()
    {
        Stop("the shard was unloaded");
        if (Interlocked.Exchange(ref _started, 1) == 0) _ended.TrySetResult();
        await _ended.Task.ConfigureAwait(false);
        await Links.DisposeAsync().ConfigureAwait(false);
    }

    private LoadedShard RequireLoaded() =>
        _loaded.Task.IsCompletedSuccessfully
            ? _loaded.Task.Result
            : throw new RpcException(new Status(StatusCode.FailedPrecondition, $"{Identity} is not loaded yet"));

    private async Task LinkAsync(CancellationTokenSource cancellation)
    {
        await ConnectAsync(_options.PeerTimeout, cancellation).ConfigureAwait(false);
        if (Links.Devices is not { } devices) return;
        var result = await devices.ReachAsync(_options.PeerTimeout, _options.GroupTimeout, cancellation.Token).ConfigureAwait(false);
        if (result.Collective is { } group) _log.SumsOnDevices(Identity, group.Size, group.Library);
        else if (devices.IsExpected) _log.SumsOverLinks(Identity, result.Refusal!);
    }

    private async Task ConnectAsync(TimeSpan timeout, CancellationTokenSource cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation.Token);
        limit.CancelAfter(timeout);
        try
        {
            await Links.Mesh.ConnectAsync(_specification.Channel, problem => _log.FellBack(Identity, problem), limit.Token).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            throw new ShardLoadException(ShardLoadFailure.PeerUnreachable, e.Status.Detail);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ShardLoadException(
                ShardLoadFailure.PeerUnreachable, $"no link within {timeout.TotalSeconds:0.#} s with {Links.Mesh.DescribeMissing()}");
        }
    }

    /// <summary>
    /// Makes <paramref name="session"/> the one that the thread serves, as soon as it has let go of the present one. False when the shard
    /// has ended, or the session has: a call that was cancelled before it got here must not end the one that came after it.
    /// </summary>
    private async Task<bool> TryTakeOverAsync(StepSession session)
    {
        while (!_ended.Task.IsCompleted && session.Abort.Text is null)
        {
            if (Interlocked.CompareExchange(ref _session, session, null) is not { } old) return true;
            old.Cancel("a newer stream of steps took this one's place");
            await Task.WhenAny(old.Finished, _ended.Task).ConfigureAwait(false);
        }

        return false;
    }

    private void Run(IProgress<ShardLoadProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            var shard = _loader.Load(_specification, Links.Collective, Links.StageLink, progress, cancellationToken);
            using (shard.Executor)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _loaded.TrySetResult(shard);
                try
                {
                    RunSteps(new StepRunner(_specification, shard, Links));
                }
                finally
                {
                    Links.LeaveDevices();
                }
            }
        }
        catch (OperationCanceledException)
        {
            _loaded.TrySetCanceled(cancellationToken);
        }
        catch (Exception e)
        {
            if (!_loaded.TrySetException(e)) _log.ThreadFailed(Identity, e);
        }
        finally
        {
            Stop("the shard has ended");
            _work.Close(EndReason!);
            Volatile.Read(ref _session)?.Finish();
            _ended.TrySetResult();
        }
    }

    private void RunSteps(StepRunner runner)
    {
        while (_abort.ShardReason is null)
        {
            _work.RunAll();
            if (Volatile.Read(ref _session) is not { } session)
            {
                _signal.Wait();
                continue;
            }

            RunSteps(runner, session);
            _abort.Follow(null);
            Volatile.Write(ref _session, null);
            session.Finish();
        }
    }

    /// <summary>Runs a stream's steps until it has ended and is empty, or nobody wants its answers.</summary>
    private void RunSteps(StepRunner runner, StepSession session)
    {
        _abort.Follow(session.Abort);
        while (_abort.Reason is null)
        {
            _work.RunAll();

            // The end is read before the ring: what was published before it is still served.
            var ended = session.Requests.End is not null;
            if (session.Requests.Peek() is { } request)
            {
                var answer = session.Answer;
                var succeeded = runner.Run(request, answer);
                session.Requests.Release();
                if (!succeeded) _log.StepFailed(Identity, answer.StepId, answer.Error);
                if (_abort.Reason is null) session.SendAnswer();
            }
            else if (ended)
            {
                return;
            }
            else
            {
                _signal.Wait();
            }
        }
    }
}
