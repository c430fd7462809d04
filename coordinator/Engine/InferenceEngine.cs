using System.Threading.Channels;
using Cluster.Coordinator.Engine.Statistics;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Engine;

/// <summary>
/// Continues and scores texts on the ranks of one plan: schedules a step, has it executed, samples, publishes, and again. One loop
/// owns the scheduler and all sequences; everything else reaches it through its inbox.
/// </summary>
internal sealed class InferenceEngine : IAsyncDisposable
{
    private readonly EngineModel _model;
    private readonly Scheduler _scheduler;
    private readonly EngineParts _parts;
    private readonly TimeProvider _time;
    private readonly List<LiveSequence> _live = [];
    private readonly Channel<EngineCommand> _inbox = Channel.CreateUnbounded<EngineCommand>(new() { SingleReader = true });
    private readonly Task _loop;
    private volatile StepFailure? _failure;
    private volatile CacheSnapshot _cache;
    private bool _isEnding;

    public InferenceEngine(IRankGroup ranks, EngineModel model, BlockManager blocks, SchedulerOptions options, TimeProvider time)
    {
        if (blocks.CapacityTokens < model.ContextLength)
            throw new ArgumentException($"A cache of {blocks.CapacityTokens} tokens does not hold a context of {model.ContextLength}.", nameof(blocks));

        _model = model;
        _time = time;
        _scheduler = new Scheduler(options, blocks);
        _cache = blocks.Snapshot;
        _parts = new EngineParts(new StepExecutor(ranks, time), blocks, ranks);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Why no step can be executed any more; null while all is well.</summary>
    public StepFailure? Failure => _failure;

    public EngineModel Model => _model;

    /// <summary>How the KV cache was used when the last step, or other work, was over.</summary>
    public CacheSnapshot Cache => _cache;

    /// <summary>Where the time of steps went.</summary>
    public EngineStatistics Statistics => _parts.Steps.Statistics;

    /// <summary>Sequences in the present step.</summary>
    public int RunningCount => _scheduler.RunningCount;

    /// <summary>Sequences that wait for room.</summary>
    public int WaitingCount => _scheduler.WaitingCount;

    /// <summary>Sequences that lost their blocks to others and were prefilled again, since the start.</summary>
    public long PreemptionCount => _scheduler.PreemptionCount;

    /// <summary>Queues a text to be continued.</summary>
    /// <exception cref="ArgumentException">The prompt is empty or fills the context, or a sampling option is invalid.</exception>
    public TokenStream Submit(GenerationRequest request)
    {
        if (CheckPrompt(request.Prompt.Length) is { } problem) throw new ArgumentException(problem, nameof(request));

        var sequence = new GenerationSequence(request, _model, _time, Wake, Cancel);
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
                _cache = _parts.Blocks.Snapshot;
                foreach (var sequence in _live) sequence.IsPaused = sequence.IsReaderBehind();

                var batch = _scheduler.Next();
                if (batch.IsEmpty)
                {
                    _parts.Steps.Idle();
                    await _inbox.Reader.WaitToReadAsync().ConfigureAwait(false);
                }
                else
                {
                    await StepAsync(batch).ConfigureAwait(false);
                }
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
            _cache = _parts.Blocks.Snapshot;
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
                    _scheduler.Add(command.Sequence!);
                    _live.Add(command.Sequence!);
                    break;
                case EngineCommandKind.Work:
                    await command.Work!.RunAsync(_parts).ConfigureAwait(false);
                    _parts.Steps.Idle();
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

    private async ValueTask StepAsync(ScheduledBatch batch)
    {
        if (await _parts.Steps.ExecuteAsync(batch).ConfigureAwait(false) is { } failure)
        {
            _failure = failure;
            EndAll(FinishReason.Error, failure.Message);
            return;
        }

        _scheduler.Complete();
        foreach (var part in batch.Sequences)
        {
            var sequence = (LiveSequence)part.Sequence;
            if (!sequence.IsFinished) sequence.StepDone(part, _parts.Steps.Timings);
            if (sequence.IsFinished) Remove(sequence);
        }
    }

    private void EndAll(FinishReason reason, string? error)
    {
        foreach (var sequence in _live)
        {
            sequence.Abandon(reason, error);
            _scheduler.Remove(sequence);
        }

        _live.Clear();
    }

    private void Remove(LiveSequence sequence)
    {
        if (_live.Remove(sequence)) _scheduler.Remove(sequence);
    }
}
