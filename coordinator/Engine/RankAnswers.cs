using Cluster.Coordinator.Ranks;
using Cluster.Model.Sampling;

namespace Cluster.Coordinator.Engine;

/// <summary>The last stage's answers to a step's rows of logits, row by row. Reused from step to step.</summary>
internal sealed class RankAnswers
{
    private readonly RankAnswer[] _ranks;
    private readonly RankCandidates[] _row;

    public RankAnswers(int tensorParallelSize)
    {
        _ranks = new RankAnswer[tensorParallelSize];
        _row = new RankCandidates[tensorParallelSize];
        for (var i = 0; i < _ranks.Length; i++) _ranks[i] = new RankAnswer();
    }

    /// <summary>Takes over the answers that the group holds; they are copied.</summary>
    /// <returns>Null, or what is wrong with a rank's answer and which rank it is.</returns>
    public StepFailure? Load(IRankGroup group, int rowCount)
    {
        var first = group.WorldSize - group.TensorParallelSize;
        for (var i = 0; i < _ranks.Length; i++)
        {
            if (_ranks[i].Load(group.Results[first + i], rowCount) is { } problem)
                return new StepFailure(StepFailureKind.StepRefused, first + i, $"rank {first + i} answered a step wrongly: {problem}");
        }

        return null;
    }

    /// <summary>All ranks' answers to one row. Valid until the next call.</summary>
    public ReadOnlySpan<RankCandidates> Row(int row)
    {
        for (var i = 0; i < _ranks.Length; i++) _row[i] = _ranks[i].Row(row);
        return _row;
    }
}
