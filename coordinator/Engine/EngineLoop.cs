using System.Threading.Channels;
using Cluster.Coordinator.Engine.Statistics;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Engine;

/// <summary>
/// The engine's loop: does what others ask, begins steps while the ranks take more of them, takes the answers of the oldest, publishes, and
/// again. It alone touches the scheduler and the sequences; everything else reaches it through its inbox.
/// </summary>
internal sealed class EngineLoop
{
    /// <summary>A text at whose place the ranks were lost so often in a row is taken for the cause.</summary>
    private const int MaxFruitlessLosses = 3;

    private readonly TimeSpan _recoveryTimeout;
    private readonly TimeProvider _time;
    private readonly List<LiveSequence> _live = [];
    private readonly Channel<EngineCommand> _inbox = Channel.CreateUnbounded<EngineCommand>(new() { SingleReader = true });
    private volatile EngineModel _model;
    private volatile EngineSession? _session;
    private volatile bool _isAttached;
    private volatile StepFailure? _failure;
    private volatile CacheSnapshot _cache = new BlockManager(1, 1).Snapshot;
    private Resumption _resumption;
    private TaskCompletionSource<bool>? _restAsked;
    private ITimer? _expiry;
    private long _lossCount;
    private long _preemptions;
    private bool _isHeldUp;
    private bool _isEnding;

    /// <param name="model">The model.</param>
    /// <param name="recoveryTimeout">How long texts wait after ranks were lost.</param>
    /// <param name="time">The clock.</param>
    /// <param name="session">The ranks, if there are any so far.</param>
    public EngineLoop(EngineModel model, TimeSpan recoveryTimeout, TimeProvider time, EngineSession? session)
    {
        _model = model;
        _recoveryTimeout = recoveryTimeout;
        _time = time;
        _session = session;
        _isAttached = session is not null;
        _resumption = new Resumption(time);
        if (session is not null) _cache = session.Parts.Blocks.Snapshot;
        Ended = Task.Run(RunAsync);
    }

    /// <summary>Completes when the loop has ended.</summary>
    public Task Ended { get; }

    public StepFailure? Failure => _failure;

    public EngineModel Model => _model;

    public CacheSnapshot Cache => _cache;

    public EngineStatistics Statistics => _session?.Parts.Steps.Statistics ?? EngineStatistics.None;

    public int RunningCount => _isAttached ? _session!.Scheduler.RunningCount : 0;

    public int WaitingCount => _isAttached ? _session!.Scheduler.WaitingCount : _live.Count;

    public long PreemptionCount => Interlocked.Read(ref _preemptions) + (_isAttached ? _session!.Scheduler.PreemptionCount : 0);

    private bool IsUnderWay => _isAttached && _session!.Parts.Steps.Count > 0;

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
            TakeUp(session);
            _ = _resumption.Done.ContinueWith(done => attached.TrySetResult(done.Result), TaskScheduler.Default);
        });
        return attached.Task;
    }

    /// <inheritdoc cref="InferenceEngine.DetachAsync"/>
    public async Task<bool> DetachAsync(bool onlyWhenIdle, CancellationToken cancellationToken)
    {
        var asked = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Call(() =>
        {
            _restAsked = asked;
            if (!onlyWhenIdle || !_isAttached) Rest();
        });
        await using (cancellationToken.Register(() => Call(() => Withdraw(asked))).ConfigureAwait(false))
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
                if (_live.Count == 0 && _restAsked is not null && !IsUnderWay) Rest();
                if (!_isAttached || !await TryAdvanceAsync(_session!).ConfigureAwait(false))
                    await _inbox.Reader.WaitToReadAsync().ConfigureAwait(false);
            }

            if (_isAttached) await _session!.Parts.Steps.EndAllAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A bug here must not leave readers waiting for ever.
            _failure = new StepFailure(StepFailureKind.Cancelled, 0, $"internal error: {e.Message}");
            throw;
        }
        finally
        {
            _inbox.Writer.TryComplete();
            EndAll(_failure is null ? FinishReason.Cancelled : FinishReason.Error, _failure?.Message);
            if (_isAttached) _cache = _session!.Parts.Blocks.Snapshot;
            _restAsked?.TrySetResult(true);
            while (_inbox.Reader.TryRead(out var late)) late.Abandon(_failure?.Message ?? "the engine has ended");
        }
    }

    /// <returns>False when it is time to end.</returns>
    private async ValueTask<bool> TakeCommandsAsync()
    {
        while (_inbox.Reader.TryPeek(out var command))
        {
            // What uses the ranks or the cache itself, or lets go of them, waits for the steps under way, and no further one begins.
            _isHeldUp = command.Kind is EngineCommandKind.Work or EngineCommandKind.Call && IsUnderWay;
            if (_isHeldUp) break;
            _inbox.Reader.TryRead(out _);
            switch (command.Kind)
            {
                case EngineCommandKind.Submit or EngineCommandKind.Work when _isEnding:
                    command.Abandon("the engine is ending");
                    break;
                case EngineCommandKind.Submit or EngineCommandKind.Work when _failure is { } failure:
                    command.Abandon(failure.Message);
                    break;
                case EngineCommandKind.Submit:
                    _live.Add(command.Sequence!);
                    if (_isAttached) Schedule(command.Sequence!);
                    break;
                case EngineCommandKind.Work when !_isAttached:
                    command.Abandon("the workers that hold the model were lost, others are not ready yet");
                    break;
                case EngineCommandKind.Work:
                    await command.Work!.RunAsync(_session!.Parts).ConfigureAwait(false);
                    _session.Parts.Steps.Idle();
                    break;
                case EngineCommandKind.Call:
                    command.Call!();
                    break;
                case EngineCommandKind.Cancel:
                    command.Sequence!.Abandon(FinishReason.Cancelled, null);
                    Remove(command.Sequence);
                    break;
                case EngineCommandKind.Drain:
                    _isEnding = true;
                    break;
                case EngineCommandKind.Stop:
                    return false;
            }
        }

        return !_isEnding || _live.Count > 0;
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
        if (await steps.FinishOldestAsync().ConfigureAwait(false) is { } failure) await LoseRanksAsync(session, failure).ConfigureAwait(false);
        else Complete(session, step);
        return true;
    }

    private bool TryBegin(EngineSession session)
    {
        foreach (var sequence in _live)
        {
            sequence.IsPaused = sequence.IsReaderBehind();
            if (sequence.IsPaused) _resumption.GoesOn(sequence);
        }

        var batch = session.Scheduler.Next();
        if (batch.IsEmpty) return false;
        session.Parts.Steps.Begin(batch);
        return true;
    }

    private void Complete(EngineSession session, StepExecutor step)
    {
        session.Scheduler.Complete();
        foreach (var part in step.Batch.Sequences)
        {
            var sequence = (LiveSequence)part.Sequence;
            if (part.ReachesEnd) _resumption.GoesOn(sequence);
            if (!sequence.IsFinished) sequence.StepDone(part, step.Timings);
            if (sequence.IsFinished) Remove(sequence);
        }
    }

    private async ValueTask LoseRanksAsync(EngineSession session, StepFailure failure)
    {
        var detection = _time.GetElapsedTime(session.Parts.Steps.Oldest.Started);
        session.Parts.Ranks.GiveUp(failure);
        var lost = await session.Parts.Steps.EndAllAsync().ConfigureAwait(false);

        // Once for each sequence, by its first part.
        foreach (var part in lost.DistinctBy(static part => part.Sequence)) ((LiveSequence)part.Sequence).StepLost(part);
        Interrupt(failure, detection);
    }

    /// <summary>The ranks are there no more, and no step is under way. Texts lose their blocks, keep everything else, and wait; without a recovery they end.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="detection">How long that was not known.</param>
    private void Interrupt(StepFailure failure, TimeSpan detection)
    {
        var session = _session!;
        _resumption = new Resumption(_time);
        _resumption.Lost(detection);
        foreach (var sequence in _live.ToArray())
        {
            if (sequence.State == SequenceState.Running) _resumption.Add(sequence);
            sequence.SessionLost();
            if (sequence.FruitlessLosses >= MaxFruitlessLosses) sequence.Abandon(FinishReason.Error, $"{failure.Message} ({MaxFruitlessLosses} times in a row at this text's place)");
            session.Scheduler.Remove(sequence);
            sequence.BeginAt(0);
            if (sequence.IsFinished) Remove(sequence);
        }

        Interlocked.Add(ref _preemptions, session.Scheduler.PreemptionCount);
        _isAttached = false;
        _restAsked?.TrySetResult(true);
        _restAsked = null;
        if (_recoveryTimeout == TimeSpan.Zero)
        {
            GiveUp(failure);
            return;
        }

        var loss = ++_lossCount;
        _expiry = _time.CreateTimer(_ => Call(() => Expire(loss, failure)), null, _recoveryTimeout, Timeout.InfiniteTimeSpan);
    }

    private void Rest()
    {
        if (_isAttached) Interrupt(new StepFailure(StepFailureKind.Cancelled, 0, "the model is being loaded over other workers"), TimeSpan.Zero);
        _restAsked?.TrySetResult(true);
        _restAsked = null;
    }

    private void Withdraw(TaskCompletionSource<bool> asked)
    {
        if (_restAsked == asked) _restAsked = null;
        asked.TrySetResult(false);
    }

    private void TakeUp(EngineSession session)
    {
        if (_isAttached) Interrupt(new StepFailure(StepFailureKind.Cancelled, 0, "other workers took over"), TimeSpan.Zero);
        _expiry?.Dispose();
        _failure = null;
        _session = session;
        _model = _model with { ContextLength = session.ContextLength };
        foreach (var sequence in _live.ToArray()) Schedule(sequence);
        _isAttached = true;
        _resumption.Attached();
    }

    private void Schedule(LiveSequence sequence)
    {
        if (sequence.Fit(_session!.ContextLength) is { } problem)
        {
            sequence.Abandon(FinishReason.Error, problem);
            Remove(sequence);
        }
        else
        {
            _session.Scheduler.Add(sequence);
        }
    }

    private void Expire(long loss, StepFailure failure)
    {
        if (_isAttached || loss != _lossCount) return;
        GiveUp(failure with { Message = $"{failure.Message}; for {_recoveryTimeout.TotalSeconds:0.#} s there were no workers to go on with" });
    }

    private void GiveUp(StepFailure failure)
    {
        _failure = failure;
        EndAll(FinishReason.Error, failure.Message);
    }

    private void EndAll(FinishReason reason, string? error)
    {
        foreach (var sequence in _live.ToArray())
        {
            sequence.Abandon(reason, error);
            Remove(sequence);
        }
    }

    private void Remove(LiveSequence sequence)
    {
        if (!_live.Remove(sequence)) return;
        if (_isAttached) _session!.Scheduler.Remove(sequence);
        _resumption.GoesOn(sequence);
    }
}
