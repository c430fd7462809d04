using Cluster.Compute.Steps;

namespace Cluster.Compute.Reference;

/// <summary>Defines <see cref="Devices.IDevice.CompareLogits"/>.</summary>
internal static class ReferenceComparison
{
    /// <summary>How far one row is from its baseline, over this rank's part of the vocabulary.</summary>
    public static LogitsDivergence Compare(ReadOnlySpan<float> logits, ReadOnlySpan<float> baseline)
    {
        var (logSumExp, baselineLogSumExp) = (LogSumExp(logits), LogSumExp(baseline));
        var difference = 0d;
        for (var i = 0; i < logits.Length; i++)
        {
            var weight = Math.Exp(baseline[i] - baselineLogSumExp);
            if (weight > 0) difference += weight * ((double)baseline[i] - logits[i]);
        }

        return new LogitsDivergence(baselineLogSumExp, logSumExp, difference);
    }

    private static double LogSumExp(ReadOnlySpan<float> logits)
    {
        var largest = double.NegativeInfinity;
        foreach (var logit in logits) largest = Math.Max(largest, logit);
        if (double.IsNegativeInfinity(largest)) return largest;
        var sum = 0d;
        foreach (var logit in logits) sum += Math.Exp(logit - largest);
        return largest + Math.Log(sum);
    }
}
