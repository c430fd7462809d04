using System.Runtime.InteropServices;
using Cluster.Coordinator.Engine.Statistics;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;
using Cluster.Model.Sampling;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Engine;

/// <summary>
/// Has one scheduled batch after the other executed and its rows of logits answered: a step, then as many further questions about its
/// logits as the sequences' samplers need.
/// </summary>
internal sealed class StepExecutor
{
    // Flag and length before every gRPC message.
    private const int MessageHeaderBytes = 5;

    private readonly IRankGroup _ranks;
    private readonly StepBuilder _builder;
    private readonly StepResult[] _results;
    private readonly RankAnswers _answers;
    private readonly List<LogitsRequest> _further = [];
    private readonly StepRecorder _recorder;
    private KernelTotals? _kernels;
    private Task<StepFailure?> _execution = Task.FromResult<StepFailure?>(null);

    public StepExecutor(IRankGroup ranks, StepHistory history, TimeProvider time)
    {
        _ranks = ranks;
        _builder = new StepBuilder(ranks.PlanVersion);
        _results = [.. Enumerable.Range(0, ranks.WorldSize).Select(_ => new StepResult())];
        _answers = new RankAnswers(_results.AsMemory(FirstRank(RankScope.LastStage)));
        _recorder = new StepRecorder(history, _results, time);
    }

    /// <summary>What the step takes in.</summary>
    public ScheduledBatch Batch { get; private set; } = new();

    /// <summary>Timestamp at which it began.</summary>
    public long Started => _recorder.Started;

    /// <summary>Of the step, once it is over.</summary>
    public StepTimings Timings { get; private set; }

    /// <summary>The ranks' answers to what they were asked last, by rank.</summary>
    public IReadOnlyList<StepResult> Results => _results;

    /// <summary>To the rows of the last step.</summary>
    public RankAnswers Answers => _answers;

    /// <summary>Sends a step.</summary>
    /// <param name="batch">What it takes in.</param>
    /// <param name="stepId">Its name.</param>
    /// <param name="kernels">Where the times of the ranks' kernels go; null for them not to be taken.</param>
    public void Begin(ScheduledBatch batch, ulong stepId, KernelTotals? kernels)
    {
        (Batch, _kernels) = (batch, kernels);
        _recorder.Begin();
        _builder.Build(batch, stepId);
        _builder.Request.TimeKernels = kernels is not null;
        Send(RankScope.All);
    }

    /// <summary>Waits for the step and takes its answers.</summary>
    /// <returns>Null when it was executed; sequences whose answers could not be used are abandoned.</returns>
    public async ValueTask<StepFailure?> FinishAsync()
    {
        long wireBytes = 0;
        for (var scope = RankScope.All; ; scope = RankScope.LastStage)
        {
            if (await _execution.ConfigureAwait(false) is { } failure) return failure;
            _recorder.Answered(FirstRank(scope));
            wireBytes += CountWireBytes(scope);
            if (scope == RankScope.All) _kernels?.Add(_results);
            if (_builder.Rows.Count > 0 && LoadAnswers(_builder.Rows.Count) is { } wrong) return wrong;

            if (_builder.Pooled.Count > 0 && GivePooled() is { } unusable) return unusable;

            AnswerRows();
            _recorder.Sampled();
            if (_further.Count == 0) break;
            _builder.BuildAgain(CollectionsMarshal.AsSpan(_further));
            Send(RankScope.LastStage);
        }

        Timings = _recorder.End(Batch.TokenCount, wireBytes, Batch.IsDecode);
        return null;
    }

    /// <summary>Waits until nothing of the step is under way any more, whatever became of it.</summary>
    public Task EndAsync() => _execution;

    /// <summary>Executes a step of the caller's own making.</summary>
    /// <returns>Null when it was executed; the answers to its rows are then in <see cref="Answers"/> until the next step.</returns>
    public async ValueTask<StepFailure?> ExecuteAsync(StepRequest request) =>
        await _ranks.ExecuteAsync(request, RankScope.All, _results).ConfigureAwait(false) ?? LoadAnswers(request.LogitsTokens.Count);

    private void Send(RankScope scope)
    {
        _recorder.Sending();
        _execution = _ranks.ExecuteAsync(_builder.Request, scope, _results).AsTask();
    }

    private StepFailure? LoadAnswers(int rows) =>
        _answers.Load(rows) is { } wrong
            ? Unusable(FirstRank(RankScope.LastStage) + wrong.Rank, wrong.Problem)
            : null;

    private void AnswerRows()
    {
        _further.Clear();
        for (var i = 0; i < _builder.Rows.Count; i++)
        {
            var row = _builder.Rows[i];
            if (row.Sequence.IsFinished) continue;

            try
            {
                if (row.Sequence.Answer(row, _answers.Row(i)) is { } query) _further.Add(row with { Query = query });
            }
            catch (SamplingException e)
            {
                // One sequence's logits cannot be used: the others go on.
                row.Sequence.Abandon(FinishReason.Error, e.Message);
            }
        }
    }

    /// <summary>The first rank of the last stage has the sums of hidden states that were asked for.</summary>
    private StepFailure? GivePooled()
    {
        var rank = FirstRank(RankScope.LastStage);
        double[] sums = [.. _results[rank].PooledSums];
        var width = sums.Length / _builder.Pooled.Count;
        if (width == 0 || sums.Length % _builder.Pooled.Count != 0)
            return Unusable(rank, $"it has {sums.Length} elements of {_builder.Pooled.Count} hidden states");

        for (var i = 0; i < _builder.Pooled.Count; i++) _builder.Pooled[i].TakePooled(sums.AsSpan(i * width, width));
        return null;
    }

    /// <summary>What the ranks sent, their answers included, and our request to each of them.</summary>
    private long CountWireBytes(RankScope scope)
    {
        var request = _builder.Request.CalculateSize() + MessageHeaderBytes;
        long bytes = 0;
        for (var i = FirstRank(scope); i < _results.Length; i++) bytes += (long)_results[i].WireBytes + request;
        return bytes;
    }

    private int FirstRank(RankScope scope) => scope == RankScope.All ? 0 : _ranks.WorldSize - _ranks.TensorParallelSize;

    private static StepFailure Unusable(int rank, string problem) =>
        new(StepFailureKind.StepRefused, rank, $"rank {rank} answered a step wrongly: {problem}");
}
