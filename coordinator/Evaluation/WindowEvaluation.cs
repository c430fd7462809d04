using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Scheduling;
using Cluster.Model.Sampling;
using Cluster.Protos.V1;

namespace Cluster.Coordinator.Evaluation;

/// <summary>
/// Scores windows of a text with every cache of a session. A window goes through the model in parts; each part goes through the first
/// cache, whose logits the ranks keep as the baseline, and then through each other cache, so that no more than one part's logits are
/// ever kept.
/// </summary>
/// <param name="parts">The engine's, with nothing else going on.</param>
/// <param name="maxStepTokens">Tokens of a part at most.</param>
internal sealed class WindowEvaluation(EngineParts parts, int maxStepTokens)
{
    private readonly EvaluationStep _step = new();
    private readonly TokenPrediction[] _baseline = new TokenPrediction[maxStepTokens];
    private readonly StepResult[] _lastStage = new StepResult[parts.Ranks.TensorParallelSize];

    /// <param name="windows">The text.</param>
    /// <param name="index">Which window of it.</param>
    /// <param name="scores">One for each cache of the session; they take in the window's predictions.</param>
    /// <param name="stepDone">Told after each step.</param>
    /// <param name="cancellationToken">Ends it between two steps.</param>
    /// <exception cref="EngineException">A step failed.</exception>
    public async ValueTask RunAsync(
        TextWindows windows, int index, IReadOnlyList<CacheScores> scores, Action stepDone, CancellationToken cancellationToken)
    {
        var text = windows.Windows[index];
        var blocks = new BlockTable();
        if (!parts.Blocks.TryGrow(blocks, written: 0, windows.Length, copies: [])) throw new EngineException($"the KV cache has no room for a window of {windows.Context} tokens");
        try
        {
            for (var start = 0; start < windows.Length; start += maxStepTokens)
            {
                var count = Math.Min(maxStepTokens, windows.Length - start);
                for (var cache = 0; cache < scores.Count; cache++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    await RunPartAsync(text, start, count, windows.FirstScored, blocks, cache, scores).ConfigureAwait(false);
                    stepDone();
                }
            }
        }
        finally
        {
            parts.Blocks.Release(blocks);
        }
    }

    private async ValueTask RunPartAsync(
        ReadOnlyMemory<int> text, int start, int count, int firstScored, BlockTable blocks, int cache, IReadOnlyList<CacheScores> scores)
    {
        _step.Begin(cache, text.Span, start, count, blocks);
        for (var position = Math.Max(start, firstScored); position < start + count; position++) _step.AddRow(position - start, text.Span[position + 1]);
        var isCompared = scores.Count > 1 && _step.RowCount > 0;
        _step.Request.KeepLogits = isCompared && cache == 0;
        _step.Request.CompareLogits = isCompared && cache > 0;
        if (await parts.Steps.ExecuteAsync(_step.Request).ConfigureAwait(false) is { } failure) throw new EngineException(failure.Message);
        if (_step.Request.CompareLogits) TakeComparisons();

        for (var row = 0; row < _step.RowCount; row++)
        {
            var prediction = Predict(row, parts.Steps.Answers.Row(row));
            if (cache == 0) _baseline[row] = prediction;
            Add(scores[cache], prediction, _baseline[row], cache == 0 ? 0 : KlDivergence.Merge(_lastStage, row));
        }
    }

    private TokenPrediction Predict(int row, ReadOnlySpan<RankCandidates> ranks)
    {
        var prediction = new TokenPrediction(-LogProbs.OfRequested(ranks, _step.Request.RequestedIds[row]), LogProbs.Top(ranks, 1)[0].TokenId);
        return double.IsFinite(prediction.Nll) ? prediction : throw new EngineException("the model's logits are no finite numbers: the text cannot be scored");
    }

    private static void Add(CacheScores scores, TokenPrediction prediction, TokenPrediction baseline, double divergence)
    {
        scores.Nll.Add(prediction.Nll);
        scores.NllDifference.Add(prediction.Nll - baseline.Nll);
        scores.Divergence.Add(divergence);
        scores.Agreement.Add(prediction.Top == baseline.Top ? 1 : 0);
    }

    private void TakeComparisons()
    {
        var first = parts.Ranks.WorldSize - _lastStage.Length;
        for (var i = 0; i < _lastStage.Length; i++)
        {
            var result = _lastStage[i] = parts.Steps.Results[first + i];
            if (result.BaselineLogSumExps.Count != _step.RowCount || result.ComparedLogSumExps.Count != _step.RowCount || result.MeanLogitDifferences.Count != _step.RowCount)
                throw new EngineException($"rank {first + i} compared {result.ComparedLogSumExps.Count} of {_step.RowCount} rows of logits");
        }
    }
}
