using System.Runtime.InteropServices;
using Cluster.Coordinator.Engine.Statistics;
using Cluster.Coordinator.Ranks;
using Cluster.Coordinator.Scheduling;
using Cluster.Model.Sampling;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Engine;

/// <summary>
/// Has one scheduled batch executed and its rows of logits answered: a step, then as many further questions about its logits as the
/// sequences' samplers need.
/// </summary>
internal sealed class StepExecutor(IRankGroup ranks, TimeProvider time)
{
    // Flag and length before every gRPC message.
    private const int MessageHeaderBytes = 5;

    private readonly StepBuilder _builder = new(ranks.PlanVersion);
    private readonly RankAnswers _answers = new(ranks.TensorParallelSize);
    private readonly List<LogitsRequest> _further = [];
    private readonly StepRecorder _recorder = new(ranks, time);
    private ulong _stepId;

    /// <summary>Of the last step.</summary>
    public StepTimings Timings { get; private set; }

    /// <summary>Of all batches since the beginning. From any thread.</summary>
    public EngineStatistics Statistics => _recorder.Statistics;

    /// <summary>To the rows of the last step.</summary>
    public RankAnswers Answers => _answers;

    /// <returns>Null when it was executed; sequences whose answers could not be used are abandoned.</returns>
    public async ValueTask<StepFailure?> ExecuteAsync(ScheduledBatch batch)
    {
        _recorder.Begin();
        _builder.Build(batch, ++_stepId);
        long wireBytes = 0;
        for (var scope = RankScope.All; ; scope = RankScope.LastStage)
        {
            _recorder.Sending();
            if (await ranks.ExecuteAsync(_builder.Request, scope).ConfigureAwait(false) is { } failure) return failure;
            _recorder.Answered(FirstRank(scope));
            wireBytes += CountWireBytes(scope);
            if (_builder.Rows.Count > 0 && _answers.Load(ranks, _builder.Rows.Count) is { } wrong) return wrong;

            if (_builder.Pooled.Count > 0 && GivePooled() is { } unusable) return unusable;

            AnswerRows();
            _recorder.Sampled();
            if (_further.Count == 0) break;
            _builder.BuildAgain(CollectionsMarshal.AsSpan(_further));
        }

        Timings = _recorder.End(batch.TokenCount, wireBytes, batch.TokenCount == batch.Sequences.Count);
        return null;
    }

    /// <summary>Something else than steps takes the time from here on.</summary>
    public void Idle() => _recorder.Idle();

    /// <summary>Executes a step of the caller's own making, which lacks only its name.</summary>
    /// <returns>Null when it was executed; the answers to its rows are then in <see cref="Answers"/> until the next step.</returns>
    public async ValueTask<StepFailure?> ExecuteAsync(StepRequest request)
    {
        request.PlanVersion = ranks.PlanVersion;
        request.StepId = ++_stepId;
        return await ranks.ExecuteAsync(request, RankScope.All).ConfigureAwait(false) ?? _answers.Load(ranks, request.LogitsTokens.Count);
    }

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
        double[] sums = [.. ranks.Results[rank].PooledSums];
        var width = sums.Length / _builder.Pooled.Count;
        if (width == 0 || sums.Length % _builder.Pooled.Count != 0)
            return new StepFailure(StepFailureKind.StepRefused, rank, $"rank {rank} answered a step wrongly: it has {sums.Length} elements of {_builder.Pooled.Count} hidden states");

        for (var i = 0; i < _builder.Pooled.Count; i++) _builder.Pooled[i].TakePooled(sums.AsSpan(i * width, width));
        return null;
    }

    /// <summary>What the ranks sent, their answers included, and our request to each of them.</summary>
    private long CountWireBytes(RankScope scope)
    {
        var request = _builder.Request.CalculateSize() + MessageHeaderBytes;
        long bytes = 0;
        for (var i = FirstRank(scope); i < ranks.WorldSize; i++) bytes += (long)ranks.Results[i].WireBytes + request;
        return bytes;
    }

    private int FirstRank(RankScope scope) => scope == RankScope.All ? 0 : ranks.WorldSize - ranks.TensorParallelSize;
}
