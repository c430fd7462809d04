using Cluster.Coordinator.Engine.Statistics;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Engine;

/// <summary>
/// The steps under way on the ranks, up to one for each stage of the pipeline: begun one after the other, and over in the same order. So a
/// stage computes one while the next computes the one before. Ranks of one stage can have one that has gone ahead, too.
/// </summary>
internal sealed class StepPipeline
{
    private readonly IRankGroup _ranks;
    private readonly StepHistory _history;
    private readonly StepExecutor[] _executors;
    private ulong _stepId;
    private int _oldest;

    public StepPipeline(IRankGroup ranks, TimeProvider time)
    {
        _ranks = ranks;
        _history = new StepHistory(ranks);
        var depth = ranks.PipelineSize + (ranks.TakesForeseenTokens ? 1 : 0);
        _executors = [.. Enumerable.Range(0, depth).Select(_ => new StepExecutor(ranks, _history, time))];
    }

    /// <summary>Steps that can be under way at a time.</summary>
    public int Depth => _executors.Length;

    /// <summary>Steps under way.</summary>
    public int Count { get; private set; }

    /// <summary>The step that is over first.</summary>
    public StepExecutor Oldest => _executors[_oldest];

    /// <summary>Of all batches since the beginning. From any thread.</summary>
    public EngineStatistics Statistics => _history.Statistics;

    /// <summary>To the rows of the last step of the caller's own making.</summary>
    public RankAnswers Answers => Oldest.Answers;

    /// <summary>All ranks' answers to it, by rank.</summary>
    public IReadOnlyList<StepResult> Results => Oldest.Results;

    /// <summary>Where the times of kernels go that steps take from now on; null for none to be taken.</summary>
    public KernelTotals? Kernels { get; set; }

    /// <summary>Begins a step; there must be room for one.</summary>
    public void Begin(ScheduledBatch batch) => _executors[(_oldest + Count++) % Depth].Begin(batch, ++_stepId, Kernels);

    /// <summary>Takes the answers of the oldest step.</summary>
    /// <returns>Why it was not executed, or null; it stays under way then, as all the others do.</returns>
    public async ValueTask<StepFailure?> FinishOldestAsync()
    {
        if (await Oldest.FinishAsync().ConfigureAwait(false) is { } failure) return failure;
        _oldest = (_oldest + 1) % Depth;
        Count--;
        return null;
    }

    /// <summary>Gives up what is under way: waits until the ranks have ended it, one way or the other.</summary>
    /// <returns>What the steps were to take in, each part once.</returns>
    public async ValueTask<IReadOnlyList<ScheduledSequence>> EndAllAsync()
    {
        List<ScheduledSequence> parts = [];
        for (; Count > 0; Count--, _oldest = (_oldest + 1) % Depth)
        {
            await Oldest.EndAsync().ConfigureAwait(false);
            parts.AddRange(Oldest.Batch.Sequences);
        }

        return parts;
    }

    /// <summary>Something else than steps takes the time from here on.</summary>
    public void Idle() => _history.Idle();

    /// <summary>Executes a step of the caller's own making, which lacks only its name, while no other is under way.</summary>
    /// <returns>Null when it was executed; the answers to its rows are then in <see cref="Answers"/> until the next step.</returns>
    public ValueTask<StepFailure?> ExecuteAsync(StepRequest request)
    {
        request.PlanVersion = _ranks.PlanVersion;
        request.StepId = ++_stepId;
        return Oldest.ExecuteAsync(request);
    }
}
