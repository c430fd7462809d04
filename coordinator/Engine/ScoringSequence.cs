using System.Collections.Immutable;
using Cluster.Coordinator.Scheduling;
using Cluster.Model.Sampling;

namespace Cluster.Coordinator.Engine;

/// <summary>
/// A text whose tokens' probabilities are wanted. Of each row of logits only the log-probability of the token that follows travels; of
/// the last one the best tokens.
/// </summary>
internal sealed class ScoringSequence : LiveSequence
{
    private readonly int[] _targets;
    private readonly double[] _logProbs;
    private readonly int _topCount;
    private readonly TaskCompletionSource<PromptScore> _score = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TokenLogProb[] _top = [];
    private double _logSumExp;
    private int _answered;

    public ScoringSequence(ReadOnlyMemory<int> prompt, int topCount)
        : base(prompt.Span)
    {
        _targets = prompt.ToArray();
        _logProbs = new double[prompt.Length - 1];
        _topCount = topCount;
    }

    /// <summary>Fails with <see cref="EngineException"/>.</summary>
    public Task<PromptScore> Score => _score.Task;

    /// <summary>The rows of all tokens are wanted; what was answered before a preemption need not be computed again.</summary>
    public override int ReusableLength => Math.Min(_answered, Length - 1);

    public override void AddRows(in ScheduledSequence part, int firstToken, StepBuilder step)
    {
        // Rows that were answered before a preemption are not asked for again.
        for (var position = Math.Max(part.Start, _answered); position < part.End; position++)
        {
            var isLast = position == Length - 1;
            step.AddRow(this, firstToken + position - part.Start, CandidateQuery.ForScoring(
                position + 1, isLast ? _topCount : 0, isLast ? default : _targets.AsMemory(position + 1, 1)));
        }
    }

    public override CandidateQuery? Answer(in LogitsRequest row, ReadOnlySpan<RankCandidates> ranks)
    {
        var position = row.Query.Position;
        if (position < Length)
        {
            _logProbs[position - 1] = LogProbs.OfRequested(ranks, _targets[position]);
        }
        else
        {
            _top = LogProbs.Top(ranks, _topCount);
            _logSumExp = LogProbs.LogSumExp(ranks);
        }

        return null;
    }

    public override string? Fit(int contextLength) =>
        Length <= contextLength ? null : $"its {Length} tokens do not fit the context of {contextLength} that is left";

    public override void StepDone(in ScheduledSequence part, in StepTimings timings)
    {
        base.StepDone(part, timings);
        _answered = Math.Max(_answered, part.End);
        if (_answered < Length) return;

        IsFinished = true;
        _score.TrySetResult(new PromptScore(ImmutableArray.Create(_logProbs), ImmutableArray.Create(_top), _logSumExp));
    }

    public override void Abandon(FinishReason reason, string? error)
    {
        IsFinished = true;
        _score.TrySetException(new EngineException(error ?? "the scoring was cancelled"));
    }
}
