using Cluster.Protos.V1;

namespace Cluster.Coordinator.Tests.Evaluation;

/// <summary>What a rank answers about one row of its part of the vocabulary, computed plainly.</summary>
internal static class Partial
{
    public static StepResult Of(ReadOnlySpan<double> baseline, ReadOnlySpan<double> logits)
    {
        var result = new StepResult();
        Append(result, baseline, logits);
        return result;
    }

    public static void Append(StepResult result, ReadOnlySpan<double> baseline, ReadOnlySpan<double> logits)
    {
        var (baselineSum, sum) = (LogSumExp(baseline), LogSumExp(logits));
        var difference = 0d;
        for (var i = 0; i < logits.Length; i++)
        {
            if (double.IsFinite(baseline[i])) difference += Math.Exp(baseline[i] - baselineSum) * (baseline[i] - logits[i]);
        }

        result.BaselineLogSumExps.Add(baselineSum);
        result.ComparedLogSumExps.Add(sum);
        result.MeanLogitDifferences.Add(difference);
    }

    public static double LogSumExp(ReadOnlySpan<double> logits)
    {
        var sum = 0d;
        foreach (var logit in logits) sum += Math.Exp(logit);
        return Math.Log(sum);
    }
}
