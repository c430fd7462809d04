using Cluster.Compute.Steps;
using Cluster.Protos.V1;

namespace Cluster.Worker.Steps;

/// <summary>Fills a step's answer from what the shard computed.</summary>
internal static class StepResultWriter
{
    public static void Write(StepOutput output, StepResult result)
    {
        foreach (ref readonly var row in output.Summaries.Span)
        {
            result.LogSumExps.Add(row.LogSumExp);
            result.LogSumExpsPlain.Add(row.LogSumExpPlain);
            result.CandidateCounts.Add(row.CandidateCount);
            result.RequestedCounts.Add(row.RequestedCount);
            for (var i = row.FirstCandidate; i < row.FirstCandidate + row.CandidateCount; i++)
            {
                result.CandidateIds.Add(output.CandidateIds[i]);
                result.CandidateLogits.Add(output.CandidateLogits[i]);
            }

            for (var i = row.FirstRequested; i < row.FirstRequested + row.RequestedCount; i++)
            {
                result.RequestedIds.Add(output.RequestedIds[i]);
                result.RequestedLogits.Add(output.RequestedLogits[i]);
            }
        }

        foreach (ref readonly var row in output.Divergences.Span)
        {
            result.BaselineLogSumExps.Add(row.BaselineLogSumExp);
            result.ComparedLogSumExps.Add(row.LogSumExp);
            result.MeanLogitDifferences.Add(row.MeanDifference);
        }
    }

    /// <summary>
    /// Sets what the step put on the wire: <paramref name="frameBytes"/> and this very answer, whose own size depends on the number.
    /// </summary>
    public static void SetWireBytes(StepResult result, long frameBytes, int headerBytes)
    {
        result.WireBytes = (ulong)frameBytes;
        ulong size;
        do
        {
            size = result.WireBytes;
            result.WireBytes = (ulong)(frameBytes + headerBytes + result.CalculateSize());
        }
        while (result.WireBytes != size);
    }
}
