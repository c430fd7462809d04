using Cluster.Coordinator.Scheduling;
using Cluster.Model.Sampling;

namespace Cluster.Coordinator.Engine;

/// <summary>A sequence as the engine drives it: what it wants to know of the logits, and what it makes of the answers.</summary>
internal abstract class LiveSequence(ReadOnlySpan<int> prompt) : Sequence(prompt)
{
    private int _furthest;

    /// <summary>It needs no further step.</summary>
    public bool IsFinished { get; protected set; }

    /// <summary>Steps that were to bring it further than ever before and in which the ranks were lost instead, one after the other.</summary>
    public int FruitlessLosses { get; private set; }

    /// <summary>The row of the last step that it was in whose logits choose its next token.</summary>
    public int ChoosingRow { get; protected set; }

    /// <summary>Whether whoever reads it is too far behind for another token.</summary>
    public virtual bool IsReaderBehind() => false;

    /// <summary>Asks for the rows of logits that it wants after the tokens of this part of a step.</summary>
    /// <param name="part">Its part of the step.</param>
    /// <param name="firstToken">Index of the part's first token in the step.</param>
    /// <param name="step">The step in the making.</param>
    public abstract void AddRows(in ScheduledSequence part, int firstToken, StepBuilder step);

    /// <summary>Takes in the answer to one of its rows.</summary>
    /// <param name="row">The row as it was asked for.</param>
    /// <param name="ranks">What the ranks of the last stage answered.</param>
    /// <returns>A further question about the same row, or null.</returns>
    /// <exception cref="SamplingException">The answers cannot be used; the sequence fails.</exception>
    public abstract CandidateQuery? Answer(in LogitsRequest row, ReadOnlySpan<RankCandidates> ranks);

    /// <summary>Takes in the sum of hidden states that it asked for.</summary>
    public virtual void TakePooled(ReadOnlySpan<double> sum) => throw new NotSupportedException();

    /// <summary>Told after a step that it took part in, when its rows are answered.</summary>
    public virtual void StepDone(in ScheduledSequence part, in StepTimings timings)
    {
        if (part.End <= _furthest) return;
        _furthest = part.End;
        FruitlessLosses = 0;
    }

    /// <summary>Told instead after a step in which the ranks were lost.</summary>
    public void StepLost(in ScheduledSequence part) => FruitlessLosses += part.End > _furthest ? 1 : 0;

    /// <summary>Told that the ranks are lost, with all that it had in their cache: answers of a step that was not completed do not count.</summary>
    public virtual void SessionLost()
    {
    }

    /// <summary>It is to go on in a context of so many tokens.</summary>
    /// <returns>Why it cannot, in one line, or null.</returns>
    public abstract string? Fit(int contextLength);

    /// <summary>Ends it before its time. Repeating it is no error.</summary>
    public abstract void Abandon(FinishReason reason, string? error);
}
