using Cluster.Coordinator.Engine.Journal;
using Cluster.Coordinator.Engine.Statistics;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Engine;

/// <summary>
/// Continues and scores texts. What is asked of it goes to the inbox of its one loop (<see cref="EngineLoop"/>). It may outlive the ranks:
/// texts keep their tokens and streams, wait, and are prefilled again from their token ids on the ranks that it is given next.
/// </summary>
internal sealed class InferenceEngine : IAsyncDisposable
{
    private readonly SchedulerOptions _options;
    private readonly IRequestJournal _journal;
    private readonly TimeProvider _time;
    private readonly EngineLoop _loop;

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
        _options = options;
        _journal = journal;
        _time = time;
        _loop = new EngineLoop(model, recoveryTimeout, time, session);
    }

    /// <summary>Why no text is continued any more; null while all is well, or may be again.</summary>
    public StepFailure? Failure => _loop.Failure;

    public EngineModel Model => _loop.Model;

    /// <summary>How the KV cache was used when the last step, or other work, was over.</summary>
    public CacheSnapshot Cache => _loop.Cache;

    /// <summary>Where the time of steps went, since the present ranks were there.</summary>
    public EngineStatistics Statistics => _loop.Statistics;

    /// <summary>Sequences that hold blocks of the cache and take part in steps.</summary>
    public int RunningCount => _loop.RunningCount;

    /// <summary>Sequences that wait for room, or for ranks.</summary>
    public int WaitingCount => _loop.WaitingCount;

    /// <summary>Sequences that lost their blocks to others and were prefilled again, since the start.</summary>
    public long PreemptionCount => _loop.PreemptionCount;

    /// <summary>Goes on with all texts on these ranks, in the order in which they came.</summary>
    /// <param name="ranks">Who executes steps from now on.</param>
    /// <param name="blocks">Their cache, empty.</param>
    /// <param name="contextLength">Tokens of one sequence at most; a text that is too long for it ends with an error.</param>
    /// <returns>Completes when all that were interrupted go on, unless the ranks are lost before that.</returns>
    public Task<ResumedTexts> Attach(IRankGroup ranks, BlockManager blocks, int contextLength) =>
        _loop.Attach(new EngineSession(ranks, blocks, contextLength, _options, _time));

    /// <summary>Lets go of the ranks when the steps under way are over; texts wait for others.</summary>
    /// <param name="onlyWhenIdle">Not before no text is under way.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>Whether it has let go of them.</returns>
    public Task<bool> DetachAsync(bool onlyWhenIdle, CancellationToken cancellationToken) => _loop.DetachAsync(onlyWhenIdle, cancellationToken);

    /// <summary>Queues a text to be continued.</summary>
    /// <exception cref="ArgumentException">The prompt is empty or fills the context, or a sampling option is invalid.</exception>
    public TokenStream Submit(GenerationRequest request)
    {
        if (CheckPrompt(request.Prompt.Length) is { } problem) throw new ArgumentException(problem, nameof(request));

        var sequence = new GenerationSequence(request, Model, _journal, _time, _loop.Wake, Cancel);
        _loop.Post(new EngineCommand(EngineCommandKind.Submit, sequence));
        return sequence.Stream;
    }

    /// <summary>Log-probabilities of a text's tokens, and the most probable tokens after it.</summary>
    /// <exception cref="EngineException">The ranks failed, or the engine ended.</exception>
    public Task<PromptScore> ScoreAsync(ReadOnlyMemory<int> prompt, int topCount)
    {
        if (prompt.Length == 0 || prompt.Length > Model.ContextLength)
            throw new ArgumentException($"A text of {prompt.Length} tokens cannot be scored in a context of {Model.ContextLength}.", nameof(prompt));

        var sequence = new ScoringSequence(prompt, topCount);
        _loop.Post(new EngineCommand(EngineCommandKind.Submit, sequence));
        return sequence.Score;
    }

    /// <summary>The vector of a text.</summary>
    /// <returns>At length 1.</returns>
    /// <exception cref="EngineException">The ranks failed, or the engine ended.</exception>
    public async Task<float[]> EmbedAsync(ReadOnlyMemory<int> text, Pooling pooling, Tenant tenant, CancellationToken cancellationToken)
    {
        if (text.Length == 0 || text.Length > Model.ContextLength)
            throw new ArgumentException($"A text of {text.Length} tokens has no vector in a context of {Model.ContextLength}.", nameof(text));

        var sequence = new EmbeddingSequence(text, pooling, tenant);
        _loop.Post(new EngineCommand(EngineCommandKind.Submit, sequence));
        using var cancelling = cancellationToken.Register(() => Cancel(sequence));
        return await sequence.Vector.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Does <paramref name="work"/> between two steps, when nothing else uses the ranks or the cache.</summary>
    /// <exception cref="EngineException">The ranks failed, or the engine ended.</exception>
    public Task RunBetweenStepsAsync(Func<EngineParts, ValueTask> work)
    {
        var engineWork = new EngineWork(work);
        _loop.Post(new EngineCommand(EngineCommandKind.Work, Work: engineWork));
        return engineWork.Done;
    }

    /// <summary>Why a prompt of so many tokens cannot be continued, in one line; null when it can.</summary>
    public string? CheckPrompt(int tokens) =>
        tokens == 0 ? "the prompt is empty"
        : tokens >= Model.ContextLength ? $"the prompt has {tokens} tokens, which leaves no room in the context of {Model.ContextLength}"
        : null;

    /// <summary>Takes nothing new in and completes when the sequences under way have ended.</summary>
    public Task DrainAsync()
    {
        _loop.Post(new EngineCommand(EngineCommandKind.Drain));
        return _loop.Ended;
    }

    /// <summary>Ends all sequences at once, when the steps under way are over.</summary>
    public async ValueTask DisposeAsync()
    {
        _loop.Post(new EngineCommand(EngineCommandKind.Stop));
        await _loop.Ended.ConfigureAwait(false);
    }

    private void Cancel(LiveSequence sequence) => _loop.Post(new EngineCommand(EngineCommandKind.Cancel, sequence));
}
