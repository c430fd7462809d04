using Cluster.Coordinator.Scheduling;
using Cluster.Model.Sampling;

namespace Cluster.Coordinator.Engine;

/// <summary>A text whose vector is wanted: hidden states after the final norm, pooled, at length 1. The ranks add them up chunk by chunk.</summary>
internal sealed class EmbeddingSequence : LiveSequence
{
    private readonly Pooling _pooling;
    private readonly TaskCompletionSource<float[]> _vector = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private double[] _sum = [];
    private double[]? _ofStep;
    private int _pooled;

    public EmbeddingSequence(ReadOnlyMemory<int> text, Pooling pooling, Tenant tenant)
        : base(text.Span)
    {
        _pooling = pooling;
        Tenant = tenant;
    }

    /// <summary>Fails with <see cref="EngineException"/>.</summary>
    public Task<float[]> Vector => _vector.Task;

    /// <summary>Tokens whose hidden states are wanted have to be computed, but not again after a preemption.</summary>
    public override int ReusableLength => _pooling switch
    {
        Pooling.Mean => Math.Min(_pooled, Length - 1),
        Pooling.Last => Length - 1,
        _ => 0,
    };

    public override void AddRows(in ScheduledSequence part, int firstToken, StepBuilder step)
    {
        var (first, end) = _pooling switch
        {
            Pooling.Mean => (Math.Max(part.Start, _pooled), part.End),
            Pooling.Last => (Math.Max(part.Start, Length - 1), part.End),
            _ => (part.Start, Math.Min(part.End, 1)),
        };
        if (first < end) step.AddPooled(this, firstToken + first - part.Start, end - first);
    }

    public override void TakePooled(ReadOnlySpan<double> sum) => _ofStep = sum.ToArray();

    public override CandidateQuery? Answer(in LogitsRequest row, ReadOnlySpan<RankCandidates> ranks) => null;

    public override void SessionLost() => _ofStep = null;

    public override string? Fit(int contextLength) =>
        Length <= contextLength ? null : $"its {Length} tokens do not fit the context of {contextLength} that is left";

    public override void StepDone(in ScheduledSequence part, in StepTimings timings)
    {
        base.StepDone(part, timings);
        if (_ofStep is not null)
        {
            if (_sum.Length == 0) _sum = new double[_ofStep.Length];
            for (var i = 0; i < _sum.Length; i++) _sum[i] += _ofStep[i];
            _ofStep = null;
        }

        _pooled = Math.Max(_pooled, part.End);
        if (_pooled == Length || _pooling == Pooling.Cls) End();
    }

    public override void Abandon(FinishReason reason, string? error)
    {
        IsFinished = true;
        _vector.TrySetException(new EngineException(error ?? "the text was given up"));
    }

    /// <summary>A mean and a sum have the same direction.</summary>
    private void End()
    {
        IsFinished = true;
        var length = Math.Sqrt(_sum.Sum(static element => element * element));
        if (length > 0 && double.IsFinite(length)) _vector.TrySetResult(Array.ConvertAll(_sum, element => (float)(element / length)));
        else _vector.TrySetException(new EngineException("the model's hidden states are no numbers"));
    }
}
