using Cluster.Coordinator.Engine.Statistics;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Engine;

/// <summary>
/// The sequences that have not ended, over ranks that come and go: when ranks are lost, or let go of, sequences lose their blocks, keep everything
/// else, and wait for other ranks. Its engine's loop alone calls it; properties can be read by all.
/// </summary>
internal sealed class LiveSequences
{
    /// <summary>A text at whose place the ranks were lost so often in a row is taken for the cause.</summary>
    private const int MaxFruitlessLosses = 3;

    private readonly TimeSpan _recoveryTimeout;
    private readonly TimeProvider _time;
    private readonly Action<Action> _call;
    private readonly List<LiveSequence> _all = [];
    private volatile EngineModel _model;
    private volatile EngineSession? _session;
    private volatile bool _isAttached;
    private volatile StepFailure? _failure;
    private Resumption _resumption;
    private TaskCompletionSource<bool>? _restAsked;
    private ITimer? _expiry;
    private long _lossCount;
    private long _preemptions;

    /// <param name="model">The model.</param>
    /// <param name="recoveryTimeout">How long texts wait after ranks were lost.</param>
    /// <param name="time">The clock.</param>
    /// <param name="session">The ranks, if there are any so far.</param>
    /// <param name="call">Has the engine's loop call something.</param>
    public LiveSequences(EngineModel model, TimeSpan recoveryTimeout, TimeProvider time, EngineSession? session, Action<Action> call)
    {
        _model = model;
        _recoveryTimeout = recoveryTimeout;
        _time = time;
        _session = session;
        _isAttached = session is not null;
        _call = call;
        _resumption = new Resumption(time);
    }

    /// <summary>Why nothing goes on any more; null while something can.</summary>
    public StepFailure? Failure => _failure;

    public EngineModel Model => _model;

    /// <summary>The ranks; null while there are none.</summary>
    public EngineSession? Session => _isAttached ? _session : null;

    /// <summary>Of the ranks that are there, or were last.</summary>
    public EngineStatistics Statistics => _session?.Parts.Steps.Statistics ?? EngineStatistics.None;

    public int RunningCount => Session?.Scheduler.RunningCount ?? 0;

    public int WaitingCount => Session?.Scheduler.WaitingCount ?? _all.Count;

    public long PreemptionCount => Interlocked.Read(ref _preemptions) + (Session?.Scheduler.PreemptionCount ?? 0);

    public bool IsEmpty => _all.Count == 0;

    /// <summary>Whether steps are under way.</summary>
    public bool IsUnderWay => Session is { Parts.Steps.Count: > 0 };

    /// <summary>Completes when all that the last loss interrupted go on.</summary>
    public Task<ResumedTexts> Resumed => _resumption.Done;

    public void Add(LiveSequence sequence)
    {
        _all.Add(sequence);
        if (_isAttached) Schedule(sequence);
    }

    /// <summary>It has ended.</summary>
    public void Remove(LiveSequence sequence)
    {
        if (!_all.Remove(sequence)) return;
        Session?.Scheduler.Remove(sequence);
        _resumption.GoesOn(sequence);
    }

    public void EndAll(FinishReason reason, string? error)
    {
        foreach (var sequence in _all.ToArray())
        {
            sequence.Abandon(reason, error);
            Remove(sequence);
        }
    }

    /// <summary>Nothing goes on any more.</summary>
    public void Fail(StepFailure failure)
    {
        _failure = failure;
        EndAll(FinishReason.Error, failure.Message);
    }

    /// <summary>Pauses those whose readers are behind, and lets the others go on.</summary>
    public void PauseForReaders()
    {
        foreach (var sequence in _all)
        {
            sequence.IsPaused = sequence.IsReaderBehind();
            if (sequence.IsPaused) _resumption.GoesOn(sequence);
        }
    }

    /// <summary>A step has ended.</summary>
    public void Complete(StepExecutor step)
    {
        _session!.Scheduler.Complete(step.Timings.Slowest);
        foreach (var part in step.Batch.Sequences)
        {
            var sequence = (LiveSequence)part.Sequence;
            if (part.ReachesEnd) _resumption.GoesOn(sequence);
            if (!sequence.IsFinished) sequence.StepDone(part, step.Timings);
            if (sequence.IsFinished) Remove(sequence);
        }
    }

    /// <summary>Takes ranks, instead of those that are there if any are.</summary>
    public void Attach(EngineSession session)
    {
        if (_isAttached) Interrupt(new StepFailure(StepFailureKind.Cancelled, 0, "other workers took over"), TimeSpan.Zero);
        _expiry?.Dispose();
        _failure = null;
        _session = session;
        _model = _model with { ContextLength = session.ContextLength };
        foreach (var sequence in _all.ToArray()) Schedule(sequence);
        _isAttached = true;
        _resumption.Attached();
    }

    /// <summary>Lets go of the ranks, at once or when nothing uses them.</summary>
    /// <param name="asked">Completes with true when that is done.</param>
    /// <param name="onlyWhenIdle">Whether to wait until no sequence is left.</param>
    public void Detach(TaskCompletionSource<bool> asked, bool onlyWhenIdle)
    {
        _restAsked = asked;
        if (!onlyWhenIdle || !_isAttached) Rest();
    }

    /// <summary>The ranks are not to be let go of after all.</summary>
    public void Withdraw(TaskCompletionSource<bool> asked)
    {
        if (_restAsked == asked) _restAsked = null;
        asked.TrySetResult(false);
    }

    /// <summary>Lets go of the ranks if that was asked for and nothing uses them.</summary>
    public void RestIfIdle()
    {
        if (IsEmpty && _restAsked is not null && !IsUnderWay) Rest();
    }

    /// <summary>The loop has ended.</summary>
    public void End() => _restAsked?.TrySetResult(true);

    /// <summary>The oldest step failed, and its ranks with it.</summary>
    public async ValueTask LoseRanksAsync(StepFailure failure)
    {
        var parts = _session!.Parts;
        var detection = _time.GetElapsedTime(parts.Steps.Oldest.Started);
        parts.Ranks.GiveUp(failure);
        var lost = await parts.Steps.EndAllAsync().ConfigureAwait(false);

        // Once for each sequence, by its first part.
        foreach (var part in lost.DistinctBy(static part => part.Sequence)) ((LiveSequence)part.Sequence).StepLost(part);
        Interrupt(failure, detection);
    }

    /// <summary>The ranks are there no more, and no step is under way. Without a recovery that is the end of all sequences.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="detection">How long that was not known.</param>
    private void Interrupt(StepFailure failure, TimeSpan detection)
    {
        var scheduler = _session!.Scheduler;
        _resumption = new Resumption(_time);
        _resumption.Lost(detection);
        foreach (var sequence in _all.ToArray())
        {
            if (sequence.State == SequenceState.Running) _resumption.Add(sequence);
            sequence.SessionLost();
            if (sequence.FruitlessLosses >= MaxFruitlessLosses) sequence.Abandon(FinishReason.Error, $"{failure.Message} ({MaxFruitlessLosses} times in a row at this text's place)");
            scheduler.Remove(sequence);
            sequence.BeginAt(0);
            if (sequence.IsFinished) Remove(sequence);
        }

        Interlocked.Add(ref _preemptions, scheduler.PreemptionCount);
        _isAttached = false;
        _restAsked?.TrySetResult(true);
        _restAsked = null;
        if (_recoveryTimeout == TimeSpan.Zero)
        {
            Fail(failure);
            return;
        }

        var loss = ++_lossCount;
        _expiry = _time.CreateTimer(_ => _call(() => Expire(loss, failure)), null, _recoveryTimeout, Timeout.InfiniteTimeSpan);
    }

    private void Rest()
    {
        if (_isAttached) Interrupt(new StepFailure(StepFailureKind.Cancelled, 0, "the model is being loaded over other workers"), TimeSpan.Zero);
        _restAsked?.TrySetResult(true);
        _restAsked = null;
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
        Fail(failure with { Message = $"{failure.Message}; for {_recoveryTimeout.TotalSeconds:0.#} s there were no workers to go on with" });
    }
}
