using System.Threading.Channels;
using Cluster.Coordinator.Engine.Statistics;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Engine;

/// <summary>
/// The engine's loop: does what others ask, begins steps while the ranks take more of them, takes the answers of the oldest, publishes, and
/// again. It alone touches the scheduler and the <see cref="LiveSequences"/>; everything else reaches it through its inbox.
/// </summary>
internal sealed class EngineLoop
{
    private readonly Channel<EngineCommand> _inbox = Channel.CreateUnbounded<EngineCommand>(new() { SingleReader = true });
    private readonly LiveSequences _live;
    private volatile CacheSnapshot _cache = new BlockManager(1, 1).Snapshot;
    private volatile StepFailure? _bug;
    private bool _isHeldUp;
    private bool _isEnding;

    /// <param name="model">The model.</param>
    /// <param name="recoveryTimeout">How long texts wait after ranks were lost.</param>
    /// <param name="time">The clock.</param>
    /// <param name="session">The ranks, if there are any so far.</param>
    public EngineLoop(EngineModel model, TimeSpan recoveryTimeout, TimeProvider time, EngineSession? session)
    {
        _live = new LiveSequences(model, recoveryTimeout, time, session, Call);
        if (session is not null) _cache = session.Parts.Blocks.Snapshot;
        Ended = Task.Run(RunAsync);
    }

    /// <summary>Completes when the loop has ended.</summary>
    public Task Ended { get; }

    public StepFailure? Failure => _bug ?? _live.Failure;

    public EngineModel Model => _live.Model;

    public CacheSnapshot Cache => _cache;

    public EngineStatistics Statistics => _live.Statistics;

    public int RunningCount => _live.RunningCount;

    public int WaitingCount => _live.WaitingCount;

    public long PreemptionCount => _live.PreemptionCount;

    /// <summary>Has something done; what comes too late is abandoned.</summary>
    public void Post(EngineCommand command)
    {
        if (!_inbox.Writer.TryWrite(command)) command.Abandon("the engine has ended");
    }

    /// <summary>A reader has caught up.</summary>
    public void Wake() => Post(new EngineCommand(EngineCommandKind.Wake));

    /// <inheritdoc cref="InferenceEngine.Attach"/>
    public Task<ResumedTexts> Attach(EngineSession session)
    {
        var attached = new TaskCompletionSource<ResumedTexts>(TaskCreationOptions.RunContinuationsAsynchronously);
        Call(() =>
        {
            _live.Attach(session);
            _ = _live.Resumed.ContinueWith(done => attached.TrySetResult(done.Result), TaskScheduler.Default);
        });
        return attached.Task;
    }

    /// <inheritdoc cref="InferenceEngine.DetachAsync"/>
    public async Task<bool> DetachAsync(bool onlyWhenIdle, CancellationToken cancellationToken)
    {
        var asked = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Call(() => _live.Detach(asked, onlyWhenIdle));
        await using (cancellationToken.Register(() => Call(() => _live.Withdraw(asked))).ConfigureAwait(false))
        {
            await Task.WhenAny(asked.Task, Ended).ConfigureAwait(false);
            return asked.Task.IsCompleted && await asked.Task.ConfigureAwait(false);
        }
    }

    private void Call(Action call) => Post(new EngineCommand(EngineCommandKind.Call, Call: call));

    private async Task RunAsync()
    {
        try
        {
            while (await TakeCommandsAsync().ConfigureAwait(false))
            {
                _live.RestIfIdle();
                if (_live.Session is not { } session || !await TryAdvanceAsync(session).ConfigureAwait(false))
                    await _inbox.Reader.WaitToReadAsync().ConfigureAwait(false);
            }

            if (_live.Session is { } last) await last.Parts.Steps.EndAllAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A bug here must not leave readers waiting for ever.
            _bug = new StepFailure(StepFailureKind.Cancelled, 0, $"internal error: {e.Message}");
            throw;
        }
        finally
        {
            _inbox.Writer.TryComplete();
            _live.EndAll(Failure is null ? FinishReason.Cancelled : FinishReason.Error, Failure?.Message);
            if (_live.Session is { } last) _cache = last.Parts.Blocks.Snapshot;
            _live.End();
            while (_inbox.Reader.TryRead(out var late)) late.Abandon(Failure?.Message ?? "the engine has ended");
        }
    }

    /// <returns>False when it is time to end.</returns>
    private async ValueTask<bool> TakeCommandsAsync()
    {
        while (_inbox.Reader.TryPeek(out var command))
        {
            // What uses the ranks or the cache itself, or lets go of them, waits for the steps under way, and no further one begins.
            _isHeldUp = command.Kind is EngineCommandKind.Work or EngineCommandKind.Call && _live.IsUnderWay;
            if (_isHeldUp) break;
            _inbox.Reader.TryRead(out _);
            switch (command.Kind)
            {
                case EngineCommandKind.Submit or EngineCommandKind.Work when _isEnding:
                    command.Abandon("the engine is ending");
                    break;
                case EngineCommandKind.Submit or EngineCommandKind.Work when Failure is { } failure:
                    command.Abandon(failure.Message);
                    break;
                case EngineCommandKind.Submit:
                    _live.Add(command.Sequence!);
                    break;
                case EngineCommandKind.Work when _live.Session is { } session:
                    await command.Work!.RunAsync(session.Parts).ConfigureAwait(false);
                    session.Parts.Steps.Idle();
                    break;
                case EngineCommandKind.Work:
                    command.Abandon("the workers that hold the model were lost, others are not ready yet");
                    break;
                case EngineCommandKind.Call:
                    command.Call!();
                    break;
                case EngineCommandKind.Cancel:
                    command.Sequence!.Abandon(FinishReason.Cancelled, null);
                    _live.Remove(command.Sequence);
                    break;
                case EngineCommandKind.Drain:
                    _isEnding = true;
                    break;
                case EngineCommandKind.Stop:
                    return false;
            }
        }

        return !_isEnding || !_live.IsEmpty;
    }

    /// <summary>Begins what steps it can, and takes the answers of the oldest one.</summary>
    /// <returns>False when there is nothing to do.</returns>
    private async ValueTask<bool> TryAdvanceAsync(EngineSession session)
    {
        var steps = session.Parts.Steps;
        _cache = session.Parts.Blocks.Snapshot;
        while (!_isHeldUp && steps.Count < steps.Depth && TryBegin(session))
        {
        }

        if (steps.Count == 0)
        {
            steps.Idle();
            return false;
        }

        var step = steps.Oldest;
        if (await steps.FinishOldestAsync().ConfigureAwait(false) is { } failure) await _live.LoseRanksAsync(failure).ConfigureAwait(false);
        else _live.Complete(step);
        return true;
    }

    private bool TryBegin(EngineSession session)
    {
        _live.PauseForReaders();
        var batch = session.Scheduler.Next();
        if (batch.IsEmpty) return false;
        session.Parts.Steps.Begin(batch);
        return true;
    }
}
