using System.Threading.Channels;
using Cluster.Coordinator.Engine.Journal;
using Cluster.Coordinator.Engine.Statistics;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Engine;

/// <summary>
/// Continues and scores texts: schedules a step, has the ranks execute it, samples, publishes, and again. One loop owns the scheduler and all
/// sequences; everything else reaches it through its inbox. It may outlive the ranks: texts keep their tokens and streams, wait, and are
/// prefilled again from their token ids on the ranks that it is given next.
/// </summary>
internal sealed class InferenceEngine : IAsyncDisposable
{
    /// <summary>A text at whose place the ranks were lost so often in a row is taken for the cause.</summary>
    private const int MaxFruitlessLosses = 3;

    private readonly SchedulerOptions _options;
    private readonly TimeSpan _recoveryTimeout;
    private readonly IRequestJournal _journal;
    private readonly TimeProvider _time;
    private readonly List<LiveSequence> _live = [];
    private readonly Channel<EngineCommand> _inbox = Channel.CreateUnbounded<EngineCommand>(new() { SingleReader = true });
    private readonly Task _loop;
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
    private long? _stepStarted;
    private bool _isEnding;

    /// <summary>An engine that ends its texts with an error when the ranks are lost.</summary>
    public InferenceEngine(IRankGroup ranks, EngineModel model, BlockManager blocks, SchedulerOptions options, TimeProvider time)
        : this(model, options, TimeSpan.Zero, new MemoryJournal(), time, new EngineSession(ranks, blocks, model.ContextLength, options, time))
    {
    }

    /// <summary>An engine without ranks so far, whose texts wait for them.</summary>
    /// <param name="model">The model; its context length holds until the first ranks are there.</param>
    /// <param name="options">How steps are made up.</param>
    /// <param name="recoveryTimeout">How long texts wait after ranks were lost.</param>
    /// <param name="journal">Told of the texts under way.</param>
    /// <param name="time">The clock.</param>
    public InferenceEngine(EngineModel model, SchedulerOptions options, TimeSpan recoveryTimeout, IRequestJournal journal, TimeProvider time)
        : this(model, options, recoveryTimeout, journal, time, null)
    {
    }

    private InferenceEngine(
        EngineModel model, SchedulerOptions options, TimeSpan recoveryTimeout, IRequestJournal journal, TimeProvider time, EngineSession? session)
    {
        _model = model;
        _options = options;
        _recoveryTimeout = recoveryTimeout;
        _journal = journal;
        _time = time;
        _session = session;
        _isAttached = session is not null;
        _resumption = new Resumption(time);
        if (session is not null) _cache = session.Parts.Blocks.Snapshot;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Why no text is continued any more; null while all is well, or may be again.</summary>
    public StepFailure? Failure => _failure;

    public EngineModel Model => _model;

    /// <summary>How the KV cache was used when the last step, or other work, was over.</summary>
    public CacheSnapshot Cache => _cache;

    /// <summary>Where the time of steps went, since the present ranks were there.</summary>
    public EngineStatistics Statistics => _session?.Parts.Steps.Statistics ?? EngineStatistics.None;

    /// <summary>Sequences in the present step.</summary>
    public int RunningCount => _isAttached ? _session!.Scheduler.RunningCount : 0;

    /// <summary>Sequences that wait for room, or for ranks.</summary>
    public int WaitingCount => _isAttached ? _session!.Scheduler.WaitingCount : _live.Count;

    /// <summary>Sequences that lost their blocks to others and were prefilled again, since the start.</summary>
    public long PreemptionCount => Interlocked.Read(ref _preemptions) + (_isAttached ? _session!.Scheduler.PreemptionCount : 0);

    /// <summary>Goes on with all texts on these ranks, in the order in which they came.</summary>
    /// <param name="ranks">Who executes steps from now on.</param>
    /// <param name="blocks">Their cache, empty.</param>
    /// <param name="contextLength">Tokens of one sequence at most; a text that is too long for it ends with an error.</param>
    /// <returns>Completes when all that were interrupted go on, unless the ranks are lost before that.</returns>
    public Task<ResumedTexts> Attach(IRankGroup ranks, BlockManager blocks, int contextLength)
    {
        var session = new EngineSession(ranks, blocks, contextLength, _options, _time);
        var attached = new TaskCompletionSource<ResumedTexts>(TaskCreationOptions.RunContinuationsAsynchronously);
        Call(() =>
        {
            TakeUp(session);
            _ = _resumption.Done.ContinueWith(done => attached.TrySetResult(done.Result), TaskScheduler.Default);
        });
        return attached.Task;
    }

    /// <summary>Lets go of the ranks at the end of the running step; texts wait for others.</summary>
    /// <param name="onlyWhenIdle">Not before no text is under way.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>Whether it has let go of them.</returns>
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
            await Task.WhenAny(asked.Task, _loop).ConfigureAwait(false);
            return asked.Task.IsCompleted && await asked.Task.ConfigureAwait(false);
        }
    }

    /// <summary>Queues a text to be continued.</summary>
    /// <exception cref="ArgumentException">The prompt is empty or fills the context, or a sampling option is invalid.</exception>
    public TokenStream Submit(GenerationRequest request)
    {
        if (CheckPrompt(request.Prompt.Length) is { } problem) throw new ArgumentException(problem, nameof(request));

        var sequence = new GenerationSequence(request, _model, _journal, _time, Wake, Cancel);
        Post(new EngineCommand(EngineCommandKind.Submit, sequence));
        return sequence.Stream;
    }

    /// <summary>Log-probabilities of a text's tokens, and the most probable tokens after it.</summary>
    /// <exception cref="EngineException">The ranks failed, or the engine ended.</exception>
    public Task<PromptScore> ScoreAsync(ReadOnlyMemory<int> prompt, int topCount)
    {
        if (prompt.Length == 0 || prompt.Length > _model.ContextLength)
            throw new ArgumentException($"A text of {prompt.Length} tokens cannot be scored in a context of {_model.ContextLength}.", nameof(prompt));

        var sequence = new ScoringSequence(prompt, topCount);
        Post(new EngineCommand(EngineCommandKind.Submit, sequence));
        return sequence.Score;
    }

    /// <summary>The vector of a text.</summary>
    /// <returns>At length 1.</returns>
    /// <exception cref="EngineException">The ranks failed, or the engine ended.</exception>
    public async Task<float[]> EmbedAsync(ReadOnlyMemory<int> text, Pooling pooling, Tenant tenant, CancellationToken cancellationToken)
    {
        if (text.Length == 0 || text.Length > _model.ContextLength)
            throw new ArgumentException($"A text of {text.Length} tokens has no vector in a context of {_model.ContextLength}.", nameof(text));

        var sequence = new EmbeddingSequence(text, pooling, tenant);
        Post(new EngineCommand(EngineCommandKind.Submit, sequence));
        using var cancelling = cancellationToken.Register(() => Cancel(sequence));
        return await sequence.Vector.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Does <paramref name="work"/> between two steps, when nothing else uses the ranks or the cache.</summary>
    /// <exception cref="EngineException">The ranks failed, or the engine ended.</exception>
    public Task RunBetweenStepsAsync(Func<EngineParts, ValueTask> work)
    {
        var engineWork = new EngineWork(work);
        Post(new EngineCommand(EngineCommandKind.Work, Work: engineWork));
        return engineWork.Done;
    }

    /// <summary>Why a prompt of so many tokens cannot be continued, in one line; null when it can.</summary>
    public string? CheckPrompt(int tokens) =>
        tokens == 0 ? "the prompt is empty"
        : tokens >= _model.ContextLength ? $"the prompt has {tokens} tokens, which leaves no room in the context of {_model.ContextLength}"
        : null;

    /// <summary>Takes nothing new in and completes when the sequences under way have ended.</summary>
    public Task DrainAsync()
    {
        Post(new EngineCommand(EngineCommandKind.Drain));
        return _loop;
    }

    /// <summary>Ends all sequences at once, when the running step is over.</summary>
    public async ValueTask DisposeAsync()
    {
        Post(new EngineCommand(EngineCommandKind.Stop));
        await _loop.ConfigureAwait(false);
    }

    private void Call(Action call) => Post(new EngineCommand(EngineCommandKind.Call, Call: call));

    private void Wake() => Post(new EngineCommand(EngineCommandKind.Wake));

    private void Cancel(LiveSequence sequence) => Post(new EngineCommand(EngineCommandKind.Cancel, sequence));

    private void Post(EngineCommand command)
    {
        if (!_inbox.Writer.TryWrite(command)) command.Abandon("the engine has ended");
    }

    private async Task RunAsync()
    {
        try
        {
            while (await TakeCommandsAsync().ConfigureAwait(false))
            {
                if (_live.Count == 0 && _restAsked is not null) Rest();
                if (!_isAttached || !await TryStepAsync(_session!).ConfigureAwait(false))
                    await _inbox.Reader.WaitToReadAsync().ConfigureAwait(false);
            }
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
        while (_inbox.Reader.TryRead(out var command))
        {
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

    /// <returns>False when there is nothing to do.</returns>
    private async ValueTask<bool> TryStepAsync(EngineSession session)
    {
        var (parts, scheduler) = (session.Parts, session.Scheduler);
        _cache = parts.Blocks.Snapshot;
        foreach (var sequence in _live)
        {
            sequence.IsPaused = sequence.IsReaderBehind();
            if (sequence.IsPaused) _resumption.GoesOn(sequence);
        }

        var batch = scheduler.Next();
        if (batch.IsEmpty)
        {
            parts.Steps.Idle();
            return false;
        }

        _stepStarted = _time.GetTimestamp();
        if (await parts.Steps.ExecuteAsync(batch).ConfigureAwait(false) is { } failure)
        {
            parts.Ranks.GiveUp(failure);
            foreach (var part in batch.Sequences) ((LiveSequence)part.Sequence).StepLost(part);
            Interrupt(failure);
            return true;
        }

        _stepStarted = null;
        scheduler.Complete();
        foreach (var part in batch.Sequences)
        {
            var sequence = (LiveSequence)part.Sequence;
            if (part.ReachesEnd) _resumption.GoesOn(sequence);
            if (!sequence.IsFinished) sequence.StepDone(part, parts.Steps.Timings);
            if (sequence.IsFinished) Remove(sequence);
        }

        return true;
    }

    /// <summary>The ranks are there no more. Texts lose their blocks, keep everything else, and wait; without a recovery they end.</summary>
    private void Interrupt(StepFailure failure)
    {
        var session = _session!;
        _resumption = new Resumption(_time);
        _resumption.Lost(_stepStarted is { } started ? _time.GetElapsedTime(started) : TimeSpan.Zero);
        _stepStarted = null;
        foreach (var sequence in _live.ToArray())
        {
            if (sequence.State == SequenceState.Running) _resumption.Add(sequence);
            sequence.SessionLost();
            if (sequence.FruitlessLosses >= MaxFruitlessLosses) sequence.Abandon(FinishReason.Error, $"{failure.Message} ({MaxFruitlessLosses} times in a row at this text's place)");
            session.Scheduler.Remove(sequence);
            sequence.CachedLength = 0;
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
        if (_isAttached) Interrupt(new StepFailure(StepFailureKind.Cancelled, 0, "the model is being loaded over other workers"));
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
        if (_isAttached) Interrupt(new StepFailure(StepFailureKind.Cancelled, 0, "other workers took over"));
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
