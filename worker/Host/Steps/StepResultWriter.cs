using System.Diagnostics;
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

        foreach (var element in output.PooledSums.Span) result.PooledSums.Add(element);
        foreach (ref readonly var row in output.Divergences.Span)
        {
            result.BaselineLogSumExps.Add(row.BaselineLogSumExp);
            result.ComparedLogSumExps.Add(row.LogSumExp);
            result.MeanLogitDifferences.Add(row.MeanDifference);
        }
    }

    /// <summary>Sets where the step's time went, from <see cref="Stopwatch"/> ticks, and what its kernels took if they were timed.</summary>
    public static void SetTimes(StepResult result, long total, long wait, StepTimes parts)
    {
        result.TotalNanoseconds = Nanoseconds(total);
        result.WaitNanoseconds = Nanoseconds(wait);
        result.AttentionNanoseconds = Nanoseconds(parts[StepPart.Attention]);
        result.ColumnProductNanoseconds = Nanoseconds(parts[StepPart.ColumnProducts]);
        result.RowProductNanoseconds = Nanoseconds(parts[StepPart.RowProducts]);
        result.HeadNanoseconds = Nanoseconds(parts[StepPart.Head]);
        result.ExchangeNanoseconds = Nanoseconds(parts[StepPart.Exchange]);
        foreach (ref readonly var kernel in parts.Kernels.Span)
        {
            result.Kernels.Add(new KernelTime
            {
                Name = kernel.Name,
                Part = PartOf(kernel.Part),
                Launches = (uint)kernel.Launches,
                Nanoseconds = (ulong)kernel.Nanoseconds,
                Bytes = (ulong)kernel.Bytes,
                MultiplyAdds = (ulong)kernel.MultiplyAdds,
            });
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

    private static KernelPart PartOf(StepPart part) => part switch
    {
        StepPart.Attention => KernelPart.Attention,
        StepPart.ColumnProducts => KernelPart.ColumnProducts,
        StepPart.RowProducts => KernelPart.RowProducts,
        StepPart.Head => KernelPart.Head,
        StepPart.Exchange => KernelPart.Exchange,
        _ => KernelPart.Other,
    };

    private static ulong Nanoseconds(long ticks) => (ulong)(ticks * (1e9 / Stopwatch.Frequency));
}
