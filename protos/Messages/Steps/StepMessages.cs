using Cluster.Protos.V1;

namespace Cluster.Protos.Steps;

/// <summary>
/// Empties step messages so that they can be filled again. Repeated fields keep their storage: a message that has seen its largest
/// step is parsed and written without allocating.
/// </summary>
public static class StepMessages
{
    public static void Reset(StepRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.PlanVersion = 0;
        request.StepId = 0;
        request.TokenIds.Clear();
        request.SequenceTokenCounts.Clear();
        request.SequenceStartPositions.Clear();
        request.SequenceBlockCounts.Clear();
        request.BlockTable.Clear();
        request.LogitsTokens.Clear();
        request.LogitsCandidateCounts.Clear();
        request.LogitsTemperatures.Clear();
        request.LogitsNoise.Clear();
        request.LogitsSeeds.Clear();
        request.LogitsPositions.Clear();
        request.LogitsRequestedCounts.Clear();
        request.RequestedIds.Clear();
        request.SummarizeAgain = false;
        request.BlockCopies.Clear();
        request.Cache = 0;
        request.KeepLogits = false;
        request.CompareLogits = false;
        request.PooledTokens.Clear();
        request.TimeKernels = false;
        request.ForeseenTokens.Clear();
        request.ForeseenRows.Clear();
    }

    public static void Reset(StepResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        result.PlanVersion = 0;
        result.StepId = 0;
        result.LogSumExps.Clear();
        result.LogSumExpsPlain.Clear();
        result.CandidateCounts.Clear();
        result.CandidateIds.Clear();
        result.CandidateLogits.Clear();
        result.RequestedCounts.Clear();
        result.RequestedIds.Clear();
        result.RequestedLogits.Clear();
        result.TotalNanoseconds = 0;
        result.WaitNanoseconds = 0;
        result.WireBytes = 0;
        result.Error = "";
        result.BaselineLogSumExps.Clear();
        result.ComparedLogSumExps.Clear();
        result.MeanLogitDifferences.Clear();
        result.AttentionNanoseconds = 0;
        result.ColumnProductNanoseconds = 0;
        result.RowProductNanoseconds = 0;
        result.HeadNanoseconds = 0;
        result.ExchangeNanoseconds = 0;
        result.PooledSums.Clear();
        result.Kernels.Clear();
    }
}
