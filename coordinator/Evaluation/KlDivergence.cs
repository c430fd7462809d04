using Cluster.Protos.V1;

namespace Cluster.Coordinator.Evaluation;

/// <summary>Kullback-Leibler divergence of one row of logits from the baseline's, merged from what each rank says of its part of the vocabulary.</summary>
internal static class KlDivergence
{
    /// <summary>
    /// Σ softmax(b) · (ln softmax(b) - ln softmax(t)) in nats. Each rank s gives LSE of b and of t over its part and the mean d of
    /// b - t under its own softmax of b; its share of the baseline's probability is w = exp(LSE_b,s - LSE_b), so the whole is
    /// Σ w·d - (LSE_b - LSE_t).
    /// </summary>
    /// <param name="ranks">The answers of all ranks of the last stage to a step that compared logits.</param>
    /// <param name="row">Which row.</param>
    public static double Merge(ReadOnlySpan<StepResult> ranks, int row)
    {
        double baselineLargest = double.NegativeInfinity, largest = double.NegativeInfinity;
        foreach (var rank in ranks)
        {
            baselineLargest = Math.Max(baselineLargest, rank.BaselineLogSumExps[row]);
            largest = Math.Max(largest, rank.ComparedLogSumExps[row]);
        }

        double baselineSum = 0, sum = 0, difference = 0;
        foreach (var rank in ranks)
        {
            var weight = Math.Exp(rank.BaselineLogSumExps[row] - baselineLargest);
            baselineSum += weight;
            sum += Math.Exp(rank.ComparedLogSumExps[row] - largest);
            if (weight > 0) difference += weight * rank.MeanLogitDifferences[row];
        }

        return difference / baselineSum - (baselineLargest + Math.Log(baselineSum) - largest - Math.Log(sum));
    }
}
