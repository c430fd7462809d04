using Cluster.Model.Sampling;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Engine;

/// <summary>The last stage's answers to a step's rows of logits, row by row. Reused from step to step.</summary>
/// <param name="results">Where the stage's ranks leave their answers.</param>
internal sealed class RankAnswers(ReadOnlyMemory<StepResult> results)
{
    private readonly RankAnswer[] _ranks = [.. Enumerable.Range(0, results.Length).Select(_ => new RankAnswer())];
    private readonly RankCandidates[] _row = new RankCandidates[results.Length];

    /// <summary>Takes over the answers that are there; they are copied.</summary>
    /// <returns>Null, or what is wrong with the answer of which rank of the stage.</returns>
    public (int Rank, string Problem)? Load(int rowCount)
    {
        for (var i = 0; i < _ranks.Length; i++)
        {
            if (_ranks[i].Load(results.Span[i], rowCount) is { } problem) return (i, problem);
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
