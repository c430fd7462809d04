namespace Cluster.Model.Sampling;

/// <summary>
/// Bounds on Σ exp((logit - best logit) / temperature) over the vocabulary, after bias and penalties: what probabilities are divided by.
/// </summary>
/// <remarks>
/// The mass of what was not requested follows from the ranks' log-sum-exp less the requested tokens' raw terms. That difference loses
/// digits when the requested tokens were most of the mass, and a rank's sum in f32 is not exact to begin with; so it is taken as an
/// interval, and narrowed by what the known tokens themselves say. A caller whose result depends on where in the interval the truth
/// lies asks for more candidates.
/// </remarks>
internal readonly record struct MassBounds(double Low, double High)
{
    // Relative error of a sum of f32 exponentials over a part of the vocabulary; and of its logarithm stored as f32, for each unit of it.
    private const double SumError = 4e-6, LogError = 1.0 / (1 << 23);

    public static MassBounds Of(CandidateTable table, ReadOnlySpan<RankCandidates> ranks, double temperature)
    {
        double best = table.Known[0].Logit / temperature;
        double requested = 0, requestedRaw = 0, candidates = 0;
        foreach (ref readonly Candidate candidate in table.Known)
        {
            double mass = Math.Exp(candidate.Logit / temperature - best);
            if (!candidate.IsRequested)
            {
                candidates += mass;
                continue;
            }
            requested += mass;
            requestedRaw += Math.Exp(candidate.RawLogit / temperature - best);
        }
        if (table.IsComplete) return new MassBounds(requested + candidates, requested + candidates);

        double low = candidates, high = candidates + table.UnknownCount * Math.Exp(table.Floor / temperature - best);
        double total = 0, error = 0;
        foreach (ref readonly RankCandidates rank in ranks)
        {
            double mass = Math.Exp(rank.LogSumExp - best);
            total += mass;
            error += mass * (SumError + LogError * Math.Abs(rank.LogSumExp));
        }
        double summedLow = total - requestedRaw - error, summedHigh = total - requestedRaw + error;
        // False too when a sum overflowed or contradicts the candidates: then only they count.
        if (summedLow <= high && summedHigh >= low)
        {
            low = Math.Max(low, summedLow);
            high = Math.Min(high, summedHigh);
        }
        return new MassBounds(requested + low, requested + high);
    }
}
